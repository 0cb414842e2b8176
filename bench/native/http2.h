// Just enough of an HTTP/2 server (RFC 9113) to answer every request with the same 128 bytes, or every call
// of gRPC with a message of so many. Request
// headers are not decoded: none of the answers depends on them.
#pragma once
#include "net.h"
#include <stdint.h>

enum { H2_DATA = 0, H2_HEADERS = 1, H2_SETTINGS = 4, H2_PING = 6, H2_WINDOW_UPDATE = 8, H2_CONTINUATION = 9 };
enum { H2_BODY = 128, H2_WAITING = 1024 };

struct h2 {
  bool grpc;                // answers are a message and trailers
  bool greeted, ends;       // preface read; the header block under way ends its stream
  int64_t window;           // what the peer takes on the whole connection
  uint32_t waiting[H2_WAITING], waiting_count; // streams that wait for the window
};

static inline void h2_init(struct h2 *h, bool grpc) { *h = (struct h2){.grpc = grpc, .window = 65535}; }

static inline void h2_frame(struct buffer *out, int type, int flags, uint32_t stream, const void *payload, size_t len) {
  unsigned char head[9] = {len >> 16, len >> 8, len, type, flags, stream >> 24, stream >> 16, stream >> 8, stream};
  buffer_append(out, head, 9);
  if (len > 0) buffer_append(out, payload, len);
}

static inline void h2_answer(struct h2 *h, struct buffer *out, uint32_t stream) {
  // :status 200 from the static table, the rest without indexing (RFC 7541, appendix A).
  static const unsigned char headers[] = {0x88, 0x0f, 0x0d, 3, '1', '2', '8'};
  static const unsigned char grpc_headers[] = "\x88\x0f\x10\x10" "application/grpc";
  static const unsigned char trailers[] = "\x00\x0bgrpc-status\x01" "0";
  static const char body[5 + H2_BODY] = {0, 0, 0, 0, H2_BODY};
  int length = h->grpc ? sizeof body : H2_BODY;
  if (h->window < length) {
    if (h->waiting_count < H2_WAITING) h->waiting[h->waiting_count++] = stream;
    return;
  }
  h->window -= length;
  if (h->grpc) {
    h2_frame(out, H2_HEADERS, 4, stream, grpc_headers, sizeof grpc_headers - 1);
    h2_frame(out, H2_DATA, 0, stream, body, length);
    h2_frame(out, H2_HEADERS, 5, stream, trailers, sizeof trailers - 1);
  } else {
    h2_frame(out, H2_HEADERS, 4, stream, headers, sizeof headers);
    h2_frame(out, H2_DATA, 1, stream, body, length);
  }
}

static inline void h2_window(struct h2 *h, struct buffer *out, uint32_t increment) {
  h->window += increment;
  uint32_t count = h->waiting_count;
  h->waiting_count = 0;
  for (uint32_t i = 0; i < count; i++) h2_answer(h, out, h->waiting[i]);
}

static inline void h2_received(struct h2 *h, struct buffer *out, const unsigned char *f, size_t len) {
  uint32_t stream = (f[5] & 0x7f) << 24 | f[6] << 16 | f[7] << 8 | f[8];
  const unsigned char *payload = f + 9;
  switch (f[3]) {
  case H2_HEADERS:
    h->ends = f[4] & 1;
    if ((f[4] & 5) == 5) h2_answer(h, out, stream);
    break;
  case H2_CONTINUATION:
    if (f[4] & 4 && h->ends) h2_answer(h, out, stream);
    break;
  case H2_DATA:
    if (len > 0) {
      unsigned char increment[4] = {len >> 24, len >> 16, len >> 8, len};
      h2_frame(out, H2_WINDOW_UPDATE, 0, 0, increment, 4);
    }
    if (f[4] & 1) h2_answer(h, out, stream);
    break;
  case H2_SETTINGS:
    if (!(f[4] & 1)) h2_frame(out, H2_SETTINGS, 1, 0, NULL, 0);
    break;
  case H2_PING:
    if (!(f[4] & 1)) h2_frame(out, H2_PING, 1, 0, payload, len);
    break;
  case H2_WINDOW_UPDATE:
    if (stream == 0) h2_window(h, out, (payload[0] & 0x7f) << 24 | payload[1] << 16 | payload[2] << 8 | payload[3]);
    break;
  }
}

// Takes whole frames off `in` and writes the answers to `out`; false for what is no HTTP/2.
static inline bool h2_serve(struct h2 *h, struct buffer *in, struct buffer *out) {
  static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  size_t at = 0;
  if (!h->greeted) {
    if (in->len < 24) return true;
    if (memcmp(in->data, preface, 24) != 0) return false;
    h->greeted = true;
    at = 24;
    // SETTINGS_MAX_CONCURRENT_STREAMS = 1000
    static const unsigned char settings[] = {0, 3, 0, 0, 3, 232};
    h2_frame(out, H2_SETTINGS, 0, 0, settings, sizeof settings);
  }
  while (in->len - at >= 9) {
    const unsigned char *f = (unsigned char *)in->data + at;
    size_t len = f[0] << 16 | f[1] << 8 | f[2];
    if (len > 1 << 20) return false;
    if (in->len - at < 9 + len) break;
    h2_received(h, out, f, len);
    at += 9 + len;
  }
  buffer_consume(in, at);
  return true;
}
