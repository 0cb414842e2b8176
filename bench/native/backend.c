// The application behind the proxies: one thread, epoll, nothing allocated per request.
//
//   backend HTTP_PORT HTTP2_PORT GRPC_PORT PLAIN_PORT ECHO_PORT SOURCE_PORT
//
// HTTP/1.1 answers GET /N with N bytes and any request with a body by "ok" once it has read it;
// PLAIN does the same; HTTP/2 (prior knowledge) answers every request with 128 bytes, GRPC every call with a
// message of 128 bytes; ECHO sends back what it gets; SOURCE
// sends zeros until the peer hangs up.
#include "http2.h"
#include "net.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { IN = 64 * 1024, CHUNK = 256 * 1024, MAX_FD = 65536 };
enum role { HTTP1, HTTP2, GRPC, ECHO, SOURCE };

struct conn {
  int fd;
  enum role role;
  bool listening, close_after, chunked, want_write;
  long body_in;   // bytes of a request's body still to come
  long body_out;  // bytes of a response's body still to be sent
  int chunk_state;
  struct buffer in, out;
  struct h2 h2;
};

static struct conn *conns[MAX_FD];
static char zeros[CHUNK];
static int epoll;

static void drop(struct conn *c) {
  conns[c->fd] = NULL;
  close(c->fd);
  free(c->in.data);
  free(c->out.data);
  free(c);
}

// Sends head and body as far as the socket takes them; false when the connection is gone.
static bool flush(struct conn *c) {
  while (c->out.len > 0 || c->body_out > 0) {
    struct iovec iov[2] = {{c->out.data, c->out.len}, {zeros, c->body_out < CHUNK ? c->body_out : CHUNK}};
    ssize_t n = c->out.len > 0 ? writev(c->fd, iov, c->body_out > 0 ? 2 : 1) : send(c->fd, zeros, iov[1].iov_len, MSG_NOSIGNAL);
    if (n < 0) {
      if (errno != EAGAIN) return false;
      watch(epoll, c->fd, &c->want_write, true);
      return true;
    }
    size_t head = (size_t)n < c->out.len ? (size_t)n : c->out.len;
    buffer_consume(&c->out, head);
    c->body_out -= n - head;
  }
  if (c->role == SOURCE) {
    c->body_out = CHUNK;
    watch(epoll, c->fd, &c->want_write, true);
    return true;
  }
  watch(epoll, c->fd, &c->want_write, false);
  return !c->close_after;
}

static void respond(struct conn *c, long length) {
  char head[128];
  int n = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: %ld\r\n%s\r\n",
                   length, c->close_after ? "connection: close\r\n" : "");
  buffer_append(&c->out, head, n);
  c->body_out = length;
}

static bool has_token(const char *head, size_t len, const char *needle) {
  size_t n = strlen(needle);
  for (size_t i = 0; i + n <= len; i++)
    if (head[i] == '\n' && strncasecmp(head + i, needle, n) == 0) return true;
  return false;
}

static long content_length(const char *head, size_t len) {
  static const char name[] = "\ncontent-length:";
  for (size_t i = 0; i + sizeof name - 1 <= len; i++)
    if (head[i] == '\n' && strncasecmp(head + i, name, sizeof name - 1) == 0) return atol(head + i + sizeof name - 1);
  return 0;
}

// Consumes one chunked body's bytes; answers whether the body is complete.
static bool skip_chunks(struct conn *c) {
  for (;;) {
    if (c->body_in > 0) {
      size_t n = (size_t)c->body_in < c->in.len ? (size_t)c->body_in : c->in.len;
      buffer_consume(&c->in, n);
      if ((c->body_in -= n) > 0) return false;
    }
    char *end = memmem(c->in.data, c->in.len, "\r\n", 2);
    if (end == NULL) return false;
    long size = strtol(c->in.data, NULL, 16);
    size_t line = end + 2 - c->in.data;
    if (size == 0) {
      if (c->in.len < line + 2) return false;
      buffer_consume(&c->in, line + 2);
      return true;
    }
    buffer_consume(&c->in, line);
    c->body_in = size + 2;
  }
}

static bool serve_http1(struct conn *c) {
  // One request at a time: the next is looked at when the last byte of the response has left.
  while (c->in.len > 0 && c->out.len == 0 && c->body_out == 0) {
    if (c->chunked) {
      if (!skip_chunks(c)) return true;
      c->chunked = false;
      respond(c, 2);
    } else if (c->body_in > 0) {
      size_t n = (size_t)c->body_in < c->in.len ? (size_t)c->body_in : c->in.len;
      buffer_consume(&c->in, n);
      if ((c->body_in -= n) > 0) return true;
      respond(c, 2);
    } else {
      char *end = memmem(c->in.data, c->in.len, "\r\n\r\n", 4);
      if (end == NULL) return c->in.len < IN;
      size_t len = end + 4 - c->in.data;
      const char *path = memchr(c->in.data, '/', len);
      long want = path == NULL ? 0 : atol(path + 1);
      c->close_after = has_token(c->in.data, len, "\nconnection: close");
      c->chunked = has_token(c->in.data, len, "\ntransfer-encoding: chunked");
      c->body_in = content_length(c->in.data, len);
      buffer_consume(&c->in, len);
      if (c->chunked || c->body_in > 0) continue;
      respond(c, want);
    }
    if (!flush(c)) return false;
  }
  return true;
}

static bool readable(struct conn *c) {
  static char scratch[IN];
  for (int turn = 0; turn < 4; turn++) {
    ssize_t n = recv(c->fd, scratch, sizeof scratch, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN)) return false;
    if (n < 0) return true;
    if (c->role == SOURCE) continue;
    if (c->role == ECHO) {
      buffer_append(&c->out, scratch, n);
      if (!flush(c)) return false;
    } else {
      buffer_append(&c->in, scratch, n);
      if (c->role == HTTP1 ? !serve_http1(c) : !(h2_serve(&c->h2, &c->in, &c->out) && flush(c))) return false;
    }
    if ((size_t)n < sizeof scratch) return true;
  }
  return true;
}

static struct conn *add(int fd, enum role role, bool listening) {
  if (fd >= MAX_FD) exit(70);
  struct conn *c = calloc(1, sizeof *c);
  *c = (struct conn){.fd = fd, .role = role, .listening = listening};
  conns[fd] = c;
  epoll_add(epoll, fd);
  return c;
}

static void accept_all(struct conn *listener) {
  for (int fd; (fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
    no_delay(fd);
    struct conn *c = add(fd, listener->role, false);
    h2_init(&c->h2, c->role == GRPC);
    if (c->role == SOURCE && !flush(c)) drop(c);
  }
}

int main(int argc, char **argv) {
  static const enum role roles[] = {HTTP1, HTTP2, GRPC, HTTP1, ECHO, SOURCE};
  if (argc != 7)
    return fprintf(stderr, "usage: backend HTTP_PORT HTTP2_PORT GRPC_PORT PLAIN_PORT ECHO_PORT SOURCE_PORT\n"), 64;
  raise_fd_limit();
  epoll = epoll_create1(0);
  for (int i = 0; i < 6; i++) add(listen_on(atoi(argv[i + 1])), roles[i], true);
  puts("ready");
  fflush(stdout);
  for (;;) {
    struct epoll_event events[512];
    int n = epoll_wait(epoll, events, 512, -1);
    for (int i = 0; i < n; i++) {
      struct conn *c = conns[events[i].data.fd];
      if (c == NULL) continue;
      if (c->listening) {
        accept_all(c);
        continue;
      }
      bool alive = true;
      if (events[i].events & EPOLLOUT) alive = flush(c) && (c->role != HTTP1 || serve_http1(c));
      if (alive && events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP)) alive = readable(c);
      if (!alive) drop(c);
    }
  }
}
