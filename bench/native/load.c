// Load on the proxies: one thread, epoll, closed loop, or a fixed rate where latency is counted from the
// moment a request was due.
//
//   load MODE ADDRESS PORT CONNECTIONS SECONDS [ARGUMENT [RATE]]
//
// MODE is get (ARGUMENT: bytes asked for), post (bytes sent), echo (bytes), source, connect (one GET a
// connection), echo-connect (one echo a connection) or hold (one GET, then idle until standard input ends).
// Prints one line of JSON; errors are anything but a complete answer with status 200.
#include "net.h"
#include <fcntl.h>
#include <stdint.h>
#include <strings.h>
#include <sys/timerfd.h>
#include <time.h>

enum { MAX_FD = 65536, MAX_SAMPLES = 1 << 23 };
enum mode { GET, POST, ECHO, SOURCE, CONNECT, ECHO_CONNECT, HOLD };
static const char *const MODES[] = {"get", "post", "echo", "source", "connect", "echo-connect", "hold"};

struct conn {
  bool open, busy, connecting, want_write, head_done;
  size_t sent;        // bytes of the request that have left
  long expected;      // bytes of the response still to come once its head is read
  uint64_t due;       // when the request was to be sent, in ns
  char head[4096];
  size_t head_len;
};

static struct conn conns[MAX_FD];
static int idle[MAX_FD], idle_count, epoll, timer = -1;
static struct sockaddr_in target;
static enum mode mode;
static char *request;
static size_t request_len;
static long argument, rate;
static uint64_t start, end, next_due, answered, errors, bytes;
static uint32_t *samples; // latencies in µs
static size_t sample_count;
static bool measuring;

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + t.tv_nsec;
}

static bool one_shot(void) { return mode == CONNECT || mode == ECHO_CONNECT; }
static bool is_echo(void) { return mode == ECHO || mode == ECHO_CONNECT; }

static void build_request(void) {
  request = calloc(1, argument + 512);
  if (is_echo()) {
    memset(request, 'x', request_len = argument);
  } else if (mode == POST) {
    int n = sprintf(request, "POST /0 HTTP/1.1\r\nhost: bench\r\nuser-agent: load\r\ncontent-length: %ld\r\n\r\n", argument);
    memset(request + n, 'x', argument);
    request_len = n + argument;
  } else if (mode != SOURCE) {
    request_len = sprintf(request, "GET /%ld HTTP/1.1\r\nhost: bench\r\nuser-agent: load\r\naccept: */*\r\n%s\r\n", argument,
                          mode == CONNECT ? "connection: close\r\n" : "");
  }
}

static int dial(void) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (fd < 0 || fd >= MAX_FD) die("socket");
  no_delay(fd);
  conns[fd] = (struct conn){.open = true, .connecting = true};
  if (connect(fd, (struct sockaddr *)&target, sizeof target) < 0 && errno != EINPROGRESS) die("connect");
  epoll_add(epoll, fd);
  watch(epoll, fd, &conns[fd].want_write, true);
  return fd;
}

static void hang_up(int fd) {
  conns[fd].open = false;
  close(fd);
}

static void send_request(int fd, uint64_t due);

static void failed(int fd) {
  struct conn *c = &conns[fd];
  if (measuring && (c->busy || c->connecting)) errors++;
  hang_up(fd);
  if (now() < end) {
    // A server that refuses everything must not be hammered without a pause.
    if (errors > 1000) end = now();
    int fresh = dial();
    if (one_shot()) conns[fresh].due = now();
  }
}

static void finished(int fd) {
  struct conn *c = &conns[fd];
  uint64_t time = now();
  c->busy = false;
  if (measuring) {
    answered++;
    uint64_t micros = (time - c->due) / 1000;
    if (sample_count < MAX_SAMPLES) samples[sample_count++] = micros > UINT32_MAX ? UINT32_MAX : micros;
  }
  if (mode == HOLD) return;
  if (one_shot()) {
    hang_up(fd);
    if (time < end) conns[dial()].due = now();
  } else if (rate > 0) {
    if (next_due <= time && next_due < end) {
      uint64_t due = next_due;
      next_due += 1000000000u / rate;
      send_request(fd, due);
    } else {
      idle[idle_count++] = fd;
    }
  } else if (time < end) {
    send_request(fd, time);
  }
}

static void write_more(int fd) {
  struct conn *c = &conns[fd];
  while (c->sent < request_len) {
    ssize_t n = send(fd, request + c->sent, request_len - c->sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EAGAIN) return watch(epoll, fd, &c->want_write, true);
    if (n < 0) return failed(fd);
    c->sent += n;
    if (mode == POST && measuring) bytes += n;
  }
  watch(epoll, fd, &c->want_write, false);
}

static void send_request(int fd, uint64_t due) {
  struct conn *c = &conns[fd];
  c->busy = true;
  c->due = due;
  c->sent = c->head_len = 0;
  c->head_done = is_echo();
  c->expected = is_echo() ? argument : 0;
  write_more(fd);
}

static void connected(int fd) {
  struct conn *c = &conns[fd];
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return failed(fd);
  c->connecting = false;
  watch(epoll, fd, &c->want_write, false);
  if (mode == SOURCE) return;
  if (rate > 0) idle[idle_count++] = fd;
  else send_request(fd, one_shot() && c->due > 0 ? c->due : now());
}

// Reads a response's head; answers how many of `len` bytes belonged to it, or -1 for an answer that is none.
static ssize_t take_head(struct conn *c, const char *data, size_t len) {
  size_t before = c->head_len, room = sizeof c->head - 1 - before, n = len < room ? len : room;
  memcpy(c->head + before, data, n);
  c->head[c->head_len += n] = 0;
  char *end_of_head = strstr(c->head, "\r\n\r\n");
  if (end_of_head == NULL) return c->head_len == sizeof c->head - 1 ? -1 : (ssize_t)n;
  char *length = strcasestr(c->head, "\r\ncontent-length:");
  if (strncmp(c->head, "HTTP/1.1 200", 12) != 0 || length == NULL || length > end_of_head) return -1;
  c->expected = atol(length + 17);
  c->head_done = true;
  return end_of_head + 4 - c->head - before;
}

static void readable(int fd) {
  static char scratch[256 * 1024];
  struct conn *c = &conns[fd];
  ssize_t n = recv(fd, scratch, sizeof scratch, 0);
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0) {
    if (mode == HOLD && !c->busy) return hang_up(fd);
    return failed(fd);
  }
  if (mode == SOURCE) {
    if (measuring) bytes += n;
    return;
  }
  if (!c->busy) return failed(fd);
  size_t at = 0;
  if (!c->head_done) {
    ssize_t head = take_head(c, scratch, n);
    if (head < 0) {
      if (errors == 0) fprintf(stderr, "unexpected answer: %.300s\n", c->head);
      return failed(fd);
    }
    at = head;
  }
  if (measuring && mode != POST) bytes += n - at;
  if (!c->head_done) return;
  c->expected -= n - at;
  if (c->expected < 0) return failed(fd);
  if (c->expected == 0 && c->sent == request_len) finished(fd);
}

// Sends what is due by now on idle connections; what finds none is sent, late, as soon as one is free.
static void on_time(void) {
  uint64_t time = now();
  while (next_due <= time && next_due < end && idle_count > 0) {
    uint64_t due = next_due;
    next_due += 1000000000u / rate;
    send_request(idle[--idle_count], due);
  }
  uint64_t wake = next_due > time ? next_due : time + 100000;
  struct itimerspec at = {.it_value = {wake / 1000000000u, wake % 1000000000u}};
  timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
}

static int ascending(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static uint32_t percentile(double p) { return sample_count == 0 ? 0 : samples[(size_t)(p * (sample_count - 1))]; }

static void turn(int timeout_ms) {
  struct epoll_event events[512];
  int n = epoll_wait(epoll, events, 512, timeout_ms);
  for (int i = 0; i < n; i++) {
    int fd = events[i].data.fd;
    if (fd == timer) {
      uint64_t expirations;
      if (read(timer, &expirations, sizeof expirations) > 0) on_time();
      continue;
    }
    if (!conns[fd].open) continue;
    if (conns[fd].connecting) {
      if (events[i].events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) connected(fd);
      continue;
    }
    if (events[i].events & EPOLLOUT) write_more(fd);
    if (conns[fd].open && events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP)) readable(fd);
  }
}

static void hold(int connections) {
  end = now() + 20000000000u;
  while (answered + errors < (uint64_t)connections && now() < end) turn(100);
  printf("{\"held\":%lu,\"errors\":%lu}\n", answered, errors);
  fflush(stdout);
  char byte;
  while (read(0, &byte, 1) > 0) continue;
}

int main(int argc, char **argv) {
  if (argc < 6) return fprintf(stderr, "usage: load MODE ADDRESS PORT CONNECTIONS SECONDS [ARGUMENT [RATE]]\n"), 64;
  while (mode <= HOLD && strcmp(argv[1], MODES[mode]) != 0) mode++;
  if (mode > HOLD) return fprintf(stderr, "unknown mode %s\n", argv[1]), 64;
  int connections = atoi(argv[4]);
  double seconds = atof(argv[5]);
  argument = argc > 6 ? atol(argv[6]) : 0;
  rate = argc > 7 ? atol(argv[7]) : 0;
  target = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(atoi(argv[3]))};
  if (inet_pton(AF_INET, argv[2], &target.sin_addr) != 1) return fprintf(stderr, "bad address %s\n", argv[2]), 64;
  samples = malloc(MAX_SAMPLES * sizeof *samples);
  raise_fd_limit();
  build_request();
  epoll = epoll_create1(0);
  end = UINT64_MAX;
  measuring = mode == HOLD;
  for (int i = 0; i < connections; i++) dial();
  if (mode == HOLD) return hold(connections), 0;

  // A tenth of the time warms connections, caches and the code of the proxies.
  uint64_t warm = now() + (uint64_t)(seconds * 1e8);
  if (rate > 0) {
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    epoll_add(epoll, timer);
    next_due = now();
    on_time();
  }
  while (now() < warm) turn(10);
  measuring = true;
  start = now();
  end = start + (uint64_t)(seconds * 1e9);
  while (now() < end) turn(10);
  double elapsed = (now() - start) / 1e9;
  qsort(samples, sample_count, sizeof *samples, ascending);
  printf("{\"requests\":%lu,\"errors\":%lu,\"bytes\":%lu,\"seconds\":%.6f,\"p50Us\":%u,\"p99Us\":%u,\"maxUs\":%u}\n", answered,
         errors, bytes, elapsed, percentile(0.5), percentile(0.99), percentile(1));
}
