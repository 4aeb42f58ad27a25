/* WebSockets (RFC 6455) and long polling, and Engine.IO 4 on both. */
#define _GNU_SOURCE
#include "wire.h"
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PATH "/sio/socket.io/?EIO=4&transport="
#define UPGRADE "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" \
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

struct sockaddr_in server;
int opening, connected, cut;
bool told;
static int epoll;

uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec / 1000;
}

uint64_t number_after(const char *key, const char *from, const char *end, const char **found) {
    const char *at = memmem(from, (size_t)(end - from), key, strlen(key));
    *found = at;
    return at ? strtoull(at + strlen(key), NULL, 10) : 0;
}

static void append(struct bytes *to, const char *data, size_t size) {
    if (to->size + size > to->room) to->data = realloc(to->data, to->room = 2 * (to->size + size));
    memcpy(to->data + to->size, data, size);
    to->size += size;
}

static void take(struct bytes *from, size_t size) {
    if (from->size > size) {
        memmove(from->data, from->data + size, from->size -= size);
    } else {                 /* an idle client holds no memory */
        free(from->data);
        *from = (struct bytes){0};
    }
}

/* ── Connections ── */

static void watch(struct wire *wire, int how, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = wire};
    epoll_ctl(epoll, how, wire->fd, &event);
}

static void dial(struct wire *wire, struct client *client) {
    struct linger reset = {.l_onoff = 1};   /* closing resets: no TIME_WAIT, so that ports don't run out */
    int yes = 1;
    *wire = (struct wire){.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), .client = client};
    if (wire->fd < 0) perror("load: socket"), exit(1);
    setsockopt(wire->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    setsockopt(wire->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    connect(wire->fd, (struct sockaddr *)&server, sizeof server);
    watch(wire, EPOLL_CTL_ADD, EPOLLIN);
}

static void hang_up(struct wire *wire) {
    if (wire->fd) close(wire->fd);
    take(&wire->in, wire->in.size);
    take(&wire->out, wire->out.size);
    *wire = (struct wire){0};
}

void drop(struct client *client) {
    leaving(client);
    opening -= client->phase == OPENING;
    connected -= client->phase >= CONNECTED;
    hang_up(&client->main);
    hang_up(&client->post);
    take(&client->queue, client->queue.size);
    client->phase = GONE;
    client->stalled = client->upgraded = false;
}

void lose(struct client *client) {
    cut++;
    drop(client);
}

static void flush(struct wire *wire) {
    ssize_t wrote = send(wire->fd, wire->out.data, wire->out.size, MSG_NOSIGNAL);
    if (wrote > 0) take(&wire->out, (size_t)wrote);
    watch(wire, EPOLL_CTL_MOD, wire->out.size ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void put(struct wire *wire, const char *data, size_t size) {
    if (!wire->out.size) {
        ssize_t wrote = send(wire->fd, data, size, MSG_NOSIGNAL);
        if (wrote == (ssize_t)size) return;
        if (wrote > 0) data += wrote, size -= (size_t)wrote;
        watch(wire, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
    }
    append(&wire->out, data, size);
}

/* ── What a client says: packets, in WebSocket frames or in POSTs ── */

static void request(struct wire *wire, const char *method, const char *transport, const char *headers,
                    const char *body) {
    char text[16384];
    const char *sid = wire->client->sid;
    int size = snprintf(text, sizeof text, "%s " PATH "%s%s%s HTTP/1.1\r\nHost: bench\r\n%s",
                        method, transport, *sid ? "&sid=" : "", sid, headers);
    if (body) size += snprintf(text + size, sizeof text - (size_t)size, "Content-Length: %zu\r\n\r\n%s",
                               strlen(body), body);
    else size += snprintf(text + size, sizeof text - (size_t)size, "\r\n");
    put(wire, text, (size_t)size);
    wire->waiting = true;
}

static void post(struct client *client) {
    if (client->post.waiting || !client->queue.size) return;
    const char *type = "Content-Type: text/plain;charset=UTF-8\r\n";
    request(&client->post, "POST", "polling", type, client->queue.data);
    take(&client->queue, strlen(client->queue.data) + 1);
}

void say(struct client *client, const char *packet) {
    size_t size = strlen(packet);
    char frame[16384] = {(char)0x81};
    if (client->polling) {
        append(&client->queue, packet, size + 1);
        post(client);
        return;
    }
    size_t at = 2;           /* the mask that a client must use may be zero, and then changes nothing */
    frame[1] = (char)(0x80 | (size < 126 ? size : 126));
    if (size >= 126) frame[2] = (char)(size >> 8), frame[3] = (char)size, at = 4;
    memcpy(frame + at + 4, packet, size);
    put(&client->main, frame, at + 4 + size);
}

void open_client(struct client *client, bool polling) {
    client->phase = OPENING;
    client->polling = polling;
    *client->sid = 0;
    opening++;
    dial(&client->main, client);
    request(&client->main, "GET", polling ? "polling" : "websocket", polling ? "" : UPGRADE, NULL);
}

/* ── What it hears ── */

/* Its CONNECT: as whom a server with connection state recovery knows it, and the last it heard. */
static void introduce(struct client *client) {
    char packet[128] = "40";
    if (*client->pid && *client->offset)
        snprintf(packet, sizeof packet, "40{\"pid\":\"%s\",\"offset\":\"%s\"}", client->pid, client->offset);
    say(client, packet);
}

static void engine_packet(struct client *client, const char *text, size_t size, uint64_t arrived) {
    const char *at;
    if (size == 1 && *text == '2') {
        say(client, "3");
    } else if (size && *text == '0' && (at = memmem(text, size, "\"sid\":\"", 7))) {
        sscanf(at + 7, "%127[^\"]", client->sid);
        if (client->polling) dial(&client->post, client);
        introduce(client);
    } else if (size > 1 && *text == '4' && text[1] == '0' && client->phase == OPENING) {
        client->phase = CONNECTED;
        opening--;
        connected++;
        came(client, text, size);
    } else if (size > 1 && *text == '4' && (text[1] == '1' || text[1] == '4')) {
        lose(client);        /* disconnected, or refused in the first place */
    } else {
        packet(client, text, size, arrived);
    }
}

/* Appends a chunked answer's body to `to`; returns its size on the wire, 0 while it is not all there. */
static size_t dechunk(const char *from, const char *end, struct bytes *to) {
    for (const char *at = from;;) {
        const char *line = memmem(at, (size_t)(end - at), "\r\n", 2);
        size_t size = line ? strtoul(at, NULL, 16) : 0;
        if (!line || line + 4 + size > end) return 0;
        append(to, line + 2, size);
        at = line + 4 + size;
        if (!size) return (size_t)(at - from);
    }
}

/* One HTTP answer; returns its size, 0 while it is not all there. After a poll's comes the next poll. */
static size_t answered(struct wire *wire, const char *data, size_t size, uint64_t arrived) {
    struct client *client = wire->client;
    const char *body = memmem(data, size, "\r\n\r\n", 4), *end = data + size, *length;
    if (!body) return 0;
    int status = atoi(data + 9);
    size_t head = (size_t)((body += 4) - data), used;
    if (status == 101) return client->upgraded = true, head;
    if (status != 200) return lose(client), 0;
    struct bytes whole = {0};
    size_t announced = number_after("ontent-Length: ", data, body, &length);
    if (!length) announced = number_after("ontent-length: ", data, body, &length);
    if (length && announced <= size - head) append(&whole, body, announced);
    used = !length ? dechunk(body, end, &whole) : announced <= size - head ? announced : 0;
    bool all = used || (length && !announced);
    if (all) wire->waiting = false;
    if (all && wire == &client->main) {
        for (char *at = whole.data, *next; at && client->phase != GONE; at = next) {
            size_t left = whole.size - (size_t)(at - whole.data);
            next = memchr(at, 0x1e, left);
            engine_packet(client, at, next ? (size_t)(next - at) : left, arrived);
            if (next) next++;
        }
        if (client->phase != GONE) request(wire, "GET", "polling", "", NULL);
    } else if (all) {
        post(client);
    }
    take(&whole, whole.size);
    return all ? head + used : 0;
}

static void pong(struct wire *wire, const char *data, size_t size) {
    char frame[131] = {(char)0x8a, (char)(0x80 | size)};   /* at most 125 bytes, masked with zero */
    memcpy(frame + 6, data, size);
    put(wire, frame, 6 + size);
}

/* One WebSocket frame from the server, which masks and splits none; returns its size or 0. */
static size_t frame(struct wire *wire, const char *data, size_t size, uint64_t arrived) {
    const uint8_t *byte = (const uint8_t *)data;
    if (size < 2) return 0;
    size_t length = byte[1], head = length < 126 ? 2 : length == 126 ? 4 : 10;
    if (size < head) return 0;
    if (head > 2) length = 0;
    for (size_t i = 2; i < head; i++) length = length << 8 | byte[i];
    if (size - head < length) return 0;
    if (byte[0] == 0x81) engine_packet(wire->client, data + head, length, arrived);
    else if (byte[0] == 0x88) lose(wire->client);
    else if (byte[0] == 0x89) pong(wire, data + head, length);
    return head + length;
}

static void readable(struct wire *wire) {
    static char buffer[4 << 20];
    struct client *client = wire->client;
    size_t size = wire->in.size, at = 0, used;
    if (size) memcpy(buffer, wire->in.data, size);
    ssize_t got = recv(wire->fd, buffer + size, sizeof buffer - size, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return lose(client);
    take(&wire->in, size);
    size += (size_t)got;
    for (uint64_t arrived = now(); client->phase != GONE && at < size; at += used) {
        used = (client->upgraded ? frame : answered)(wire, buffer + at, size - at, arrived);
        if (!used) break;
    }
    if (client->phase != GONE && at < size) append(&wire->in, buffer + at, size - at);
}

/* Does what there is to do, waiting for it until `until` at most. */
void step(uint64_t until) {
    struct epoll_event events[256];
    uint64_t at = now(), wait = until > at ? until - at : 0;
    struct timespec timeout = {.tv_sec = (time_t)(wait / SECOND), .tv_nsec = (long)(wait % SECOND * 1000)};
    int count = epoll_pwait2(epoll, events, 256, &timeout, NULL);
    for (int i = 0; i < count; i++) {
        struct wire *wire = events[i].data.ptr;
        if (!wire) { told = true; continue; }
        if (wire->fd && events[i].events & EPOLLOUT) flush(wire);
        if (wire->fd && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) readable(wire);
    }
}

void start_watching(void) {
    epoll = epoll_create1(0);
    epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &(struct epoll_event){0});
}

/* Once: while a command runs, the next one waits. */
void heed_stdin(void) {
    epoll_ctl(epoll, EPOLL_CTL_MOD, STDIN_FILENO, &(struct epoll_event){.events = EPOLLIN | EPOLLONESHOT});
    told = false;
}

void stop_reading(struct client *client) {
    int small = 4096;
    setsockopt(client->main.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    epoll_ctl(epoll, EPOLL_CTL_DEL, client->main.fd, NULL);
}

void read_on(struct client *client) { watch(&client->main, EPOLL_CTL_ADD, EPOLLIN); }
