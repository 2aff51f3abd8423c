/* The client's half of RFC 6455, as far as a load client needs it. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 };

/* Writes a masked frame into `out` (at least 14 bytes longer than the payload) and returns its length. The mask is
   zero, which is a valid mask and costs the client nothing; the server unmasks all the same. */
static size_t ws_frame(uint8_t *out, int opcode, const void *payload, size_t length) {
    size_t head = 2;
    out[0] = 0x80 | opcode;
    if (length < 126) {
        out[1] = 0x80 | length;
    } else {
        out[1] = 0x80 | 126;
        out[2] = length >> 8;
        out[3] = length & 0xff;
        head = 4;
    }
    memset(out + head, 0, 4);
    memcpy(out + head + 4, payload, length);
    return head + 4 + length;
}

/* One frame from a server at `in`. Returns its whole length, or 0 where it is not all there yet. */
static size_t ws_parse(const uint8_t *in, size_t available, int *opcode, const uint8_t **payload, size_t *length) {
    if (available < 2) return 0;
    size_t head = 2, size = in[1] & 0x7f;
    if (size == 126) {
        if (available < 4) return 0;
        size = (size_t)in[2] << 8 | in[3];
        head = 4;
    } else if (size == 127) {
        if (available < 10) return 0;
        size = 0;
        for (int at = 2; at < 10; at++) size = size << 8 | in[at];
        head = 10;
    }
    if (available - head < size) return 0;
    *opcode = in[0] & 0x0f;
    *payload = in + head;
    *length = size;
    return head + size;
}
