// Sockets, epoll and byte buffers for the programs of the benchmark.
#pragma once
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

struct buffer {
  char *data;
  size_t len, cap;
};

static inline void buffer_append(struct buffer *b, const void *data, size_t len) {
  if (b->len + len > b->cap) {
    b->cap = (b->len + len) * 2;
    b->data = realloc(b->data, b->cap);
    if (b->data == NULL) exit(71);
  }
  memcpy(b->data + b->len, data, len);
  b->len += len;
}

static inline void buffer_consume(struct buffer *b, size_t len) {
  b->len -= len;
  if (b->len > 0) memmove(b->data, b->data + len, b->len);
}

static inline void die(const char *what) {
  perror(what);
  exit(71);
}

static inline void raise_fd_limit(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

static inline void no_delay(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static inline void epoll_add(int epoll, int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) die("epoll_ctl");
}

// Asks to be told of writability, or no longer, where that changes anything.
static inline void watch(int epoll, int fd, bool *now, bool write) {
  if (*now == write) return;
  struct epoll_event event = {.events = EPOLLIN | (write ? EPOLLOUT : 0), .data.fd = fd};
  if (epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event) < 0) die("epoll_ctl");
  *now = write;
}

static inline int listen_on(int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 4096) < 0) die("listen");
  return fd;
}
