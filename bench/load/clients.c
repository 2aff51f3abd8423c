/* Many websocket clients in one thread: counts what each of them gets, exactly.

   clients --port P --path PATH --sockets N [--ready TEXT] [--only TEXT] [--subprotocol NAME] [--keepalive TEXT]
           [--keepalive-s S] [--life-s S]

   An event is marked `#B<number>:<CLOCK_MONOTONIC ns at the publisher>#` somewhere in a frame. `--ready`: a socket is
   ready with the first frame that contains it (without: with the handshake). `--only`: marks count only in frames that
   contain it.

   Commands, a line each on stdin; answers are lines of JSON on stdout.
     connect HELLO SAVE SPREAD_MS OPENING   open every socket, so many handshakes at a time, retrying with jitter. HELLO:
                                     a file with a line for each socket (or one for all): frames with tabs between them,
                                     `t` and a text or `b` and hex. SAVE: where the ready frames go; `-`: nowhere.
                                     {"ready": N, "s": seconds, "retries": n};
                                     {"gave_up": socket, "code": c} for each that is refused for good or too often
     round FIRST COUNT               from now on events FIRST .. FIRST + COUNT - 1 count. {"all": number, "last_ms": ms}
                                     for each that every socket has
     report COUNT                    what came of the first COUNT of the round
     drop                            reset every socket, without a goodbye
   Only 127.0.0.1 is ever connected to. Ends with stdin, and after --life-s seconds. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "websocket.h"

#define MOST_SOCKETS 60000
#define MOST_EVENTS 1000000
#define MOST_TRIES 20
#define BUFFER (1 << 20)

enum state { IDLE, WAITING, CONNECTING, UPGRADING, GREETING, READY, GONE };

struct client {
    int fd;
    enum state state;
    int tries;
    double due;
    uint8_t *rest;
    size_t rest_length;
    uint64_t *seen;
};

static struct client *clients;
static int sockets_count, port, epoll_fd;
static const char *path = "/", *ready_text, *only_text, *subprotocol, *keepalive_text;
static double keepalive_s = 4, life_s = 900;
static uint8_t *buffer;

static char **hellos;
static int hellos_count, opening_most, opening_now, ready_count, retries, is_connecting;
static double connect_began;
static FILE *saved;

static long round_first, round_count, deliveries, duplicated, stray, latencies_room;
static uint32_t *latencies; /* tenths of a microsecond */
static int *event_count;
static double *event_first, *event_last;
static double round_began, round_complete, frame_bytes, cpu_before;
static long closes[5000];

static double now_s(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec + at.tv_nsec / 1e9;
}

static double cpu_s(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void fail(const char *what) {
    fprintf(stderr, "clients: %s (%s)\n", what, strerror(errno));
    exit(1);
}

/* --- opening and closing -------------------------------------------------------------------------------------- */

static void later(struct client *one, double seconds) {
    one->state = WAITING;
    one->due = now_s() + seconds;
}

static void gone(struct client *one, int code) {
    if (one->fd >= 0) close(one->fd);
    one->fd = -1;
    one->rest_length = 0;
    int was_opening = one->state == CONNECTING || one->state == UPGRADING || one->state == GREETING;
    if (was_opening) opening_now--;
    if (code >= 0 && code < 5000) closes[code]++;
    if (was_opening && is_connecting && (code >= 4500 || one->tries >= MOST_TRIES)) {
        printf("{\"gave_up\": %ld, \"code\": %d}\n", (long)(one - clients), code);
        one->state = GONE;
    } else if (was_opening && is_connecting) {
        double backoff = 0.1 * (1 << (one->tries < 4 ? one->tries : 4));
        one->tries++;
        retries++;
        later(one, backoff * (0.5 + drand48()));
    } else {
        one->state = GONE;
    }
}

static void begin(struct client *one) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int yes = 1;
    one->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (one->fd < 0) fail("no more sockets");
    setsockopt(one->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    one->state = CONNECTING;
    opening_now++;
    if (connect(one->fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) {
        gone(one, 0);
        return;
    }
    struct epoll_event wish = {.events = EPOLLIN | EPOLLOUT, .data.ptr = one};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, one->fd, &wish);
}

static void put(struct client *one, int opcode, const void *payload, size_t length) {
    static uint8_t frame[70000];
    if (length > 65000) return;
    size_t size = ws_frame(frame, opcode, payload, length);
    if (send(one->fd, frame, size, MSG_NOSIGNAL) != (ssize_t)size && errno != EPIPE && errno != ECONNRESET)
        closes[1]++;
}

static void connected(struct client *one) {
    struct epoll_event wish = {.events = EPOLLIN, .data.ptr = one};
    char request[1000];
    int length = snprintf(request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s%s%s\r\n",
        path, port, subprotocol ? "Sec-WebSocket-Protocol: " : "", subprotocol ? subprotocol : "",
        subprotocol ? "\r\n" : "");
    epoll_ctl(epoll_fd, EPOLL_CTL_MOD, one->fd, &wish);
    one->state = UPGRADING;
    if (send(one->fd, request, length, MSG_NOSIGNAL) < 0) gone(one, 0);
}

static void ready(struct client *one) {
    one->state = READY;
    opening_now--;
    if (++ready_count == sockets_count && is_connecting) {
        is_connecting = 0;
        if (saved) fclose(saved);
        saved = NULL;
        printf("{\"ready\": %d, \"s\": %.3f, \"retries\": %d}\n", ready_count, now_s() - connect_began, retries);
    }
}

static void greet(struct client *one) {
    one->state = GREETING;
    if (hellos_count) {
        char *line = strdup(hellos[(one - clients) % hellos_count]), *left = line, *part;
        while ((part = strsep(&left, "\t"))) {
            if (*part == 't') put(one, TEXT, part + 1, strlen(part + 1));
            if (*part == 'b') {
                uint8_t bytes[2000];
                size_t length = 0;
                for (char *at = part + 1; at[0] && at[1] && length < sizeof bytes; at += 2) {
                    unsigned value;
                    sscanf(at, "%2x", &value);
                    bytes[length++] = value;
                }
                put(one, BINARY, bytes, length);
            }
        }
        free(line);
    }
    if (!ready_text) ready(one);
}

/* --- counting --------------------------------------------------------------------------------------------------- */

static void mark(struct client *one, long number, double stamped_ns, size_t length) {
    long index = number - round_first;
    if (index < 0 || index >= round_count) {
        stray++;
        return;
    }
    uint64_t bit = 1ull << (index & 63);
    if (one->seen[index >> 6] & bit) {
        duplicated++;
        return;
    }
    one->seen[index >> 6] |= bit;
    double at = now_s(), late = at * 1e9 - stamped_ns;
    if (deliveries < latencies_room) latencies[deliveries] = late < 0 ? 0 : late > 4e11 ? UINT32_MAX : late / 100;
    deliveries++;
    frame_bytes += length;
    if (!event_count[index] || late < event_first[index]) event_first[index] = late;
    if (!event_count[index] || late > event_last[index]) event_last[index] = late;
    if (++event_count[index] == sockets_count) {
        round_complete = at;
        printf("{\"all\": %ld, \"last_ms\": %.3f}\n", number, event_last[index] / 1e6);
    }
}

static void data(struct client *one, const char *payload, size_t length) {
    if (one->state == GREETING && memmem(payload, length, ready_text, strlen(ready_text))) {
        if (saved) fprintf(saved, "%ld\t%.*s\n", (long)(one - clients), (int)length, payload);
        ready(one);
    }
    if (only_text && !memmem(payload, length, only_text, strlen(only_text))) return;
    const char *at = payload, *end = payload + length;
    while ((at = memmem(at, end - at, "#B", 2))) {
        char digits[64] = "", *stop;
        size_t left = end - at - 2;
        memcpy(digits, at + 2, left < sizeof digits - 1 ? left : sizeof digits - 1);
        long number = strtol(digits, &stop, 10);
        if (*stop == ':') mark(one, number, strtod(stop + 1, NULL), length);
        at += 2;
    }
}

/* Takes every whole frame; returns how much was used. */
static size_t frames(struct client *one, const uint8_t *in, size_t available) {
    size_t used = 0, size, length;
    int opcode;
    const uint8_t *payload;
    while (one->fd >= 0 && (size = ws_parse(in + used, available - used, &opcode, &payload, &length))) {
        used += size;
        if (opcode == PING) put(one, PONG, payload, length);
        else if (opcode == CLOSE) gone(one, length >= 2 ? payload[0] << 8 | payload[1] : 1005);
        else if (opcode != PONG) data(one, (const char *)payload, length);
    }
    return used;
}

static size_t upgraded(struct client *one, const uint8_t *in, size_t available) {
    const char *end = memmem(in, available, "\r\n\r\n", 4);
    if (!end) return 0;
    if (available < 12 || memcmp(in + 9, "101", 3)) {
        gone(one, 0);
        return available;
    }
    greet(one);
    return (const uint8_t *)end + 4 - in;
}

static void readable(struct client *one) {
    memcpy(buffer, one->rest, one->rest_length);
    ssize_t got = recv(one->fd, buffer + one->rest_length, BUFFER - one->rest_length, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
        gone(one, 1006);
        return;
    }
    size_t available = one->rest_length + got, used = 0;
    if (one->state == UPGRADING) used = upgraded(one, buffer, available);
    if (one->state == GREETING || one->state == READY) used += frames(one, buffer + used, available - used);
    if (one->fd < 0) return;
    one->rest_length = available - used;
    if (one->rest_length == BUFFER) fail("a frame is too long");
    if (one->rest_length) {
        one->rest = realloc(one->rest, one->rest_length);
        memcpy(one->rest, buffer + used, one->rest_length);
    }
}

/* --- commands --------------------------------------------------------------------------------------------------- */

static void read_hellos(const char *file) {
    FILE *from = fopen(file, "r");
    if (!from) fail(file);
    while (hellos_count) free(hellos[--hellos_count]);
    hellos = realloc(hellos, sockets_count * sizeof *hellos);
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    while (hellos_count < sockets_count && (length = getline(&line, &room, from)) > 0) {
        if (line[length - 1] == '\n') line[length - 1] = 0;
        hellos[hellos_count++] = strdup(line);
    }
    free(line);
    fclose(from);
}

static void drop(void) {
    struct linger at_once = {.l_onoff = 1};
    for (int i = 0; i < sockets_count; i++) {
        if (clients[i].fd < 0) continue;
        setsockopt(clients[i].fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        gone(&clients[i], -1);
    }
}

static void open_all(const char *hello, const char *save, int spread_ms, int opening) {
    is_connecting = 0;
    drop();
    read_hellos(hello);
    saved = strcmp(save, "-") ? fopen(save, "w") : NULL;
    memset(closes, 0, sizeof closes);
    ready_count = retries = opening_now = 0;
    opening_most = opening;
    is_connecting = 1;
    connect_began = now_s();
    for (int i = 0; i < sockets_count; i++) {
        clients[i].tries = 0;
        later(&clients[i], spread_ms / 1e3 * i / sockets_count);
    }
}

static void start_round(long first, long count) {
    if (count < 1 || count > MOST_EVENTS) count = MOST_EVENTS;
    round_first = first;
    round_count = count;
    deliveries = duplicated = stray = 0;
    frame_bytes = round_complete = 0;
    latencies_room = (long)sockets_count * count;
    if (latencies_room > 50000000) latencies_room = 50000000;
    latencies = realloc(latencies, latencies_room * sizeof *latencies);
    event_count = realloc(event_count, count * sizeof *event_count);
    event_first = realloc(event_first, count * sizeof *event_first);
    event_last = realloc(event_last, count * sizeof *event_last);
    memset(event_count, 0, count * sizeof *event_count);
    size_t words = (count + 63) / 64;
    for (int i = 0; i < sockets_count; i++) {
        clients[i].seen = realloc(clients[i].seen, words * sizeof(uint64_t));
        memset(clients[i].seen, 0, words * sizeof(uint64_t));
    }
    cpu_before = cpu_s();
    round_began = now_s();
    printf("{\"round\": %ld}\n", first);
}

static int by_value(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static int by_double(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double middle_ms(double *values, long count) {
    if (!count) return 0;
    qsort(values, count, sizeof *values, by_double);
    return values[count / 2] / 1e6;
}

static void report(long count) {
    double cpu = cpu_s() - cpu_before;
    long kept = deliveries < latencies_room ? deliveries : latencies_room, lost = 0, whole = 0;
    if (count > round_count) count = round_count;
    for (long i = 0; i < count; i++) {
        lost += sockets_count - event_count[i];
        if (!event_count[i]) continue;
        event_first[whole] = event_first[i];
        event_last[whole++] = event_last[i];
    }
    qsort(latencies, kept, sizeof *latencies, by_value);
    printf("{\"deliveries\": %ld, \"lost\": %ld, \"duplicated\": %ld, \"stray\": %ld, \"ready\": %d, \"retries\": %d, ",
        deliveries, lost, duplicated, stray, ready_count, retries);
    printf("\"first_ms\": %.3f, \"median_ms\": %.3f, \"p99_ms\": %.3f, \"last_ms\": %.3f, ",
        middle_ms(event_first, whole), kept ? latencies[kept / 2] / 1e4 : 0, kept ? latencies[kept * 99 / 100] / 1e4 : 0,
        middle_ms(event_last, whole));
    printf("\"client_cpu_us\": %.3f, \"frame_bytes\": %.0f, \"complete_s\": %.3f, \"closes\": {",
        deliveries ? cpu * 1e6 / deliveries : 0, deliveries ? frame_bytes / deliveries : 0,
        round_complete ? round_complete - round_began : -1);
    const char *comma = "";
    for (int code = 0; code < 5000; code++)
        if (closes[code]) {
            printf("%s\"%d\": %ld", comma, code, closes[code]);
            comma = ", ";
        }
    printf("}}\n");
}

static void obey(char *line) {
    char hello[1000], save[1000];
    int spread_ms, opening;
    long first, count;
    if (sscanf(line, "connect %999s %999s %d %d", hello, save, &spread_ms, &opening) == 4)
        open_all(hello, save, spread_ms, opening);
    else if (sscanf(line, "round %ld %ld", &first, &count) == 2) start_round(first, count);
    else if (sscanf(line, "report %ld", &count) == 1) report(count);
    else if (!strcmp(line, "drop")) {
        is_connecting = 0;
        drop();
        printf("{\"dropped\": %d}\n", sockets_count);
    } else fprintf(stderr, "clients: what is %s?\n", line);
}

static void commands(void) {
    static char text[4000];
    static size_t length;
    ssize_t got = read(0, text + length, sizeof text - 1 - length);
    if (got <= 0) exit(0);
    length += got;
    text[length] = 0;
    char *end;
    while ((end = memchr(text, '\n', length))) {
        *end = 0;
        obey(text);
        length -= end + 1 - text;
        memmove(text, end + 1, length);
    }
}

/* --- the loop ----------------------------------------------------------------------------------------------------- */

static void open_due(void) {
    static int at;
    if (!is_connecting) return;
    double now = now_s();
    for (int looked = 0; looked < sockets_count && opening_now < opening_most; looked++) {
        at = (at + 1) % sockets_count;
        if (clients[at].state == WAITING && clients[at].due <= now) begin(&clients[at]);
    }
}

static void keep_alive(void) {
    static double began;
    static long sent;
    if (!keepalive_text) return;
    if (!began) began = now_s();
    long due = (now_s() - began) / keepalive_s * sockets_count;
    for (; sent < due; sent++) {
        struct client *one = &clients[sent % sockets_count];
        if (one->state == READY) put(one, TEXT, keepalive_text, strlen(keepalive_text));
    }
}

static void options(int count, char **words) {
    for (int i = 1; i + 1 < count; i += 2) {
        char *value = words[i + 1];
        if (!strcmp(words[i], "--port")) port = atoi(value);
        else if (!strcmp(words[i], "--path")) path = value;
        else if (!strcmp(words[i], "--sockets")) sockets_count = atoi(value);
        else if (!strcmp(words[i], "--ready")) ready_text = value;
        else if (!strcmp(words[i], "--only")) only_text = value;
        else if (!strcmp(words[i], "--subprotocol")) subprotocol = value;
        else if (!strcmp(words[i], "--keepalive")) keepalive_text = value;
        else if (!strcmp(words[i], "--keepalive-s")) keepalive_s = atof(value);
        else if (!strcmp(words[i], "--life-s")) life_s = atof(value);
        else exit((fprintf(stderr, "clients: no option %s\n", words[i]), 2));
    }
    if (sockets_count < 1 || sockets_count > MOST_SOCKETS || port < 1)
        exit((fprintf(stderr, "clients: --port and 1 to %d --sockets are needed\n", MOST_SOCKETS), 2));
}

int main(int count, char **words) {
    options(count, words);
    setvbuf(stdout, NULL, _IOLBF, 0);
    srand48(getpid());
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    buffer = malloc(BUFFER);
    clients = calloc(sockets_count, sizeof *clients);
    for (int i = 0; i < sockets_count; i++) clients[i].fd = -1;
    epoll_fd = epoll_create1(0);
    struct epoll_event happened[512], wish = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, 0, &wish);
    double end = now_s() + life_s;
    while (now_s() < end) {
        int found = epoll_wait(epoll_fd, happened, 512, is_connecting ? 2 : 50);
        for (int i = 0; i < found; i++) {
            struct client *one = happened[i].data.ptr;
            if (!one) commands();
            else if (one->fd < 0) continue;
            else if (one->state == CONNECTING && happened[i].events & (EPOLLERR | EPOLLHUP)) gone(one, 0);
            else if (one->state == CONNECTING && happened[i].events & EPOLLOUT) connected(one);
            else readable(one);
        }
        open_due();
        keep_alive();
    }
    return 0;
}
