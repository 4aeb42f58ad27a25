/* Load: thousands of Socket.IO clients in one thread, so that it costs less than what it measures.
 *
 * It is told what to do by lines on stdin and answers each with one line of JSON on stdout; between them it
 * answers pings. A message's intended time is start + number / rate, whether or not it could be sent then
 * (open loop). It speaks Socket.IO 5.
 *
 *   connect COUNT TRANSPORT AT_ONCE     clients 0..COUNT-1 are connected; TRANSPORT is websocket or polling
 *   join PREFIX ROOMS ROUTE             each joins PREFIX-<its number % ROOMS> and fetches what it missed;
 *                                       only those whose session id begins with ROUTE ("-": all)
 *   run RATE SECONDS BYTES SENDERS      so many messages a second, from SENDERS joined clients in turn
 *   drop FIRST COUNT                    these are gone, without a word
 *   stall FIRST COUNT                   these stop reading
 *   resume FIRST COUNT                  these read on until the server has cut them, or for 3 s
 */
#define _GNU_SOURCE
#include "wire.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define MARK '~'             /* begins a text of ours: ~RRRR.NNNNNNNNN, the run and the message's number */
#define MARK_SIZE 15
#define JOIN_ID 999999999u   /* the ack id of a join and the pages after it; others are messages' numbers */
#define BUCKETS 2048         /* 64 per power of two: no latency is off by more than 1.6 % */

static struct room { char name[48], epoch[64]; uint32_t members; } *rooms;
static struct run {
    uint32_t number, senders, messages, sent, acked, refused;
    uint64_t start, expected, heard, skipped, repeated;
    double rate;             /* messages a second */
    int *sender;             /* the clients that send, room by room in turn */
    uint32_t *next;          /* [client][sender of its room]: which of that sender's messages comes next */
    struct { uint32_t due, heard; uint64_t last; } *message;
    uint32_t latency[BUCKETS], ack[BUCKETS], complete[BUCKETS];
} run;

static struct client *clients;
static int client_most, client_count, room_count, joined;

static uint64_t cpu(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * SECOND
         + (uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

/* ── Histograms: as HDR's, 64 steps in each power of two ── */

static void count(uint32_t *histogram, uint64_t value) {
    int shift = value < 128 ? 0 : 57 - __builtin_clzll(value);
    size_t bucket = (size_t)shift * 64 + (value >> shift);
    histogram[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
}

static void print_histogram(const char *name, const uint32_t *histogram) {
    const char *comma = "";
    printf(",\"%s\":[", name);
    for (uint64_t bucket = 0; bucket < BUCKETS; bucket++) {
        uint64_t shift = bucket < 128 ? 0 : bucket / 64 - 1;
        if (!histogram[bucket]) continue;
        printf("%s[%llu,%u]", comma, (unsigned long long)((bucket - shift * 64) << shift), histogram[bucket]);
        comma = ",";
    }
    printf("]");
}

/* ── What it hears ── */

static uint32_t digits(const char *text, int size) {
    uint32_t value = 0;
    while (size--) value = value * 10 + (uint32_t)(*text++ - '0');
    return value;
}

static uint64_t intended(uint32_t number) { return run.start + (uint64_t)(number * 1e6 / run.rate); }

/* `text` begins with a mark and belongs to at least MARK_SIZE bytes. */
static void heard(struct client *client, const char *text, uint64_t arrived) {
    uint32_t number = digits(text + 6, 9);
    if (digits(text + 1, 4) != run.number || number >= run.sent) return;
    uint32_t sender = number % run.senders, nth = number / run.senders;
    uint32_t per_room = run.senders / (uint32_t)room_count;
    uint32_t *next = &run.next[(size_t)(client - clients) * per_room + sender / (uint32_t)room_count];
    client->order = client->order * 0x9E3779B97F4A7C15 + number + 1;
    if (nth < *next) { run.repeated++; return; }
    run.skipped += nth - *next;
    *next = nth + 1;
    if (client->stalled) return;
    run.heard++;
    count(run.latency, arrived - intended(number));
    if (arrived > run.message[number].last) run.message[number].last = arrived;
    if (++run.message[number].heard == run.message[number].due)
        count(run.complete, run.message[number].last - intended(number));
}

/* The answer to a join, or a page of what was missed: all messages in it, then the next page. */
static void page(struct client *client, const char *text, const char *end, uint64_t arrived) {
    const char *at, *key, *more = memmem(text, (size_t)(end - text), "\"more\":true", 11);
    struct room *room = &rooms[client->room];
    if (!memmem(text, (size_t)(end - text), "\"ok\":true", 9)) return;   /* refused: not joined */
    if (client->phase == CONNECTED) {
        client->phase = JOINED;
        joined++;
        room->members++;
        key = memmem(text, (size_t)(end - text), "\"epoch\":\"", 9);
        if (key) sscanf(key + 9, "%63[^\"]", room->epoch);
    }
    if (!client->been) {
        client->been = true;
        client->seq = number_after("\"head\":", text, end, &at);
        return;
    }
    for (at = text; (at = memchr(at, MARK, (size_t)(end - at))) && end - at > MARK_SIZE; at++)
        heard(client, at, arrived);
    for (uint64_t seq; seq = number_after("\"seq\":", text, end, &at), at; text = at + 1) client->seq = seq;
    if (more) {
        char packet[256];
        snprintf(packet, sizeof packet, "42%u[\"history\",{\"room\":\"%s\",\"after\":%llu,\"limit\":200}]",
                 JOIN_ID, room->name, (unsigned long long)client->seq);
        say(client, packet);
    }
}

void packet(struct client *client, const char *text, size_t size, uint64_t arrived) {
    const char *end = text + size, *at;
    if (size > 13 && !memcmp(text, "42[\"response\"", 13)) {
        if (!(at = memchr(text, MARK, size)) || end - at < MARK_SIZE) return;
        heard(client, at, arrived);
        uint64_t seq = number_after("\"seq\":", at, end, &at);
        if (at) client->seq = seq;
    } else if (size > 2 && !memcmp(text, "43", 2)) {
        uint32_t id = (uint32_t)strtoul(text + 2, NULL, 10);
        if (id == JOIN_ID) return page(client, text, end, arrived);
        if (id >= run.sent) return;
        run.acked++;
        run.refused += !memmem(text, size, "\"ok\":true", 9);
        count(run.ack, arrived - intended(id));
    }
}

void leaving(struct client *client) {
    if (client->phase != JOINED) return;
    joined--;
    if (!client->stalled) rooms[client->room].members--;
}

static void join(struct client *client) {
    char packet[512];
    struct room *room = &rooms[client->room];
    int size = snprintf(packet, sizeof packet, "42%u[\"join\",{\"room\":\"%s\"", JOIN_ID, room->name);
    if (client->been && *room->epoch)
        size += snprintf(packet + size, sizeof packet - (size_t)size, ",\"after\":%llu,\"epoch\":\"%s\"",
                         (unsigned long long)client->seq, room->epoch);
    snprintf(packet + size, sizeof packet - (size_t)size, "}]");
    say(client, packet);
}

/* ── Commands ── */

static void command_connect(int wanted, const char *transport, int at_once) {
    uint64_t start = now(), used = cpu();
    int next = 0, before = connected, refused = cut;
    if (wanted > client_most) wanted = client_most;
    if (wanted > client_count) client_count = wanted;
    while (now() - start < 60 * SECOND && (opening || next < wanted)) {
        for (; opening < at_once && next < wanted; next++) {
            if (clients[next].phase == GONE) open_client(&clients[next], !strcmp(transport, "polling"));
        }
        step(now() + SECOND / 10);
    }
    printf("{\"connected\":%d,\"opened\":%d,\"refused\":%d,\"seconds\":%.6f,\"cpu\":%.6f}\n", connected,
           connected - before, cut - refused, (double)(now() - start) / SECOND,
           (double)(cpu() - used) / SECOND);
}

/* What joined clients still lack of the last run's messages in their rooms. */
static uint64_t missing(void) {
    uint64_t lacking = run.skipped;
    uint32_t count = (uint32_t)room_count, per_room = run.senders / count;
    for (int i = 0; run.senders && i < client_count; i++) {
        if (clients[i].phase != JOINED || clients[i].stalled) continue;
        for (uint32_t nth = 0; nth < per_room; nth++) {
            uint32_t sender = nth * count + (uint32_t)clients[i].room;
            uint32_t said = run.sent > sender ? (run.sent - sender - 1) / run.senders + 1 : 0;
            lacking += said - run.next[(size_t)i * per_room + nth];
        }
    }
    return lacking;
}

static void command_join(const char *prefix, int count, const char *route) {
    uint64_t start = now();
    int wanted = 0, lost = cut;
    if (!joined) {           /* nobody sits in the rooms of before, so they may be others */
        rooms = realloc(rooms, sizeof *rooms * (size_t)(room_count = count));
        for (int i = 0; i < count; i++) {
            rooms[i] = (struct room){0};
            snprintf(rooms[i].name, sizeof rooms[i].name, "%.32s-%d", prefix, i);
        }
        for (int i = 0; i < client_count; i++) clients[i].been = false;
        run.senders = 0;
        run.skipped = 0;
    }
    for (int i = 0; i < client_count; i++) {
        bool there = *route == '-' || !strncmp(clients[i].sid, route, strlen(route));
        if (clients[i].phase != CONNECTED || !there) continue;
        clients[i].room = i % count;
        join(&clients[i]);
        wanted++;
    }
    wanted += joined;
    /* Until all are in and lack nothing, or none has got on for two seconds (most servers keep no log). */
    for (uint64_t since = start, state = 0, last = 1; now() - since < 2 * SECOND; step(now() + SECOND / 10)) {
        state = missing() + (uint64_t)(wanted - (cut - lost) - joined) * 1000;
        if (!state) break;
        if (state != last) since = now();
        last = state;
    }
    printf("{\"joined\":%d,\"missing\":%llu,\"repeated\":%llu,\"cut\":%d,\"seconds\":%.6f,"
           "\"route\":\"%.32s\"}\n", joined, (unsigned long long)missing(), (unsigned long long)run.repeated,
           cut - lost, (double)(now() - start) / SECOND, clients[0].sid);
}

static int find_senders(uint32_t senders) {
    uint32_t count = (uint32_t)room_count, found = 0, *taken = calloc(count, sizeof *taken);
    run.sender = realloc(run.sender, senders * sizeof *run.sender);
    for (int i = 0; i < client_count; i++) {
        struct client *client = &clients[i];
        client->order = 0;
        if (client->phase != JOINED || taken[client->room] == senders / count) continue;
        run.sender[taken[client->room]++ * count + (uint32_t)client->room] = i;
        found++;
    }
    free(taken);
    return found == senders;
}

static void send_next(char *padding) {
    uint32_t number = run.sent++;
    struct client *client = &clients[run.sender[number % run.senders]];
    char packet[8192];
    if (client->phase != JOINED) return;
    /* The id tells this run from one of another process, whose message of the same text would be this again. */
    run.expected += run.message[number].due = rooms[client->room].members;
    snprintf(packet, sizeof packet,
             "42%u[\"message\",\"%c%04u.%09u %s\",{\"room\":\"%s\",\"id\":\"r%llx-%09u\"}]",
             number, MARK, run.number, number, padding, rooms[client->room].name,
             (unsigned long long)run.start, number);
    say(client, packet);
}

/* In how many orders the rooms' members heard what they heard; as many as rooms when all agree. */
static int orders(void) {
    int found = 0;
    for (int i = 0; i < client_count; i++) {
        bool seen = clients[i].phase != JOINED || clients[i].stalled;
        for (int j = 0; j < i && !seen; j++)
            seen = clients[j].phase == JOINED && clients[j].room == clients[i].room && !clients[j].stalled
                && clients[j].order == clients[i].order;
        found += !seen;
    }
    return found;
}

static void command_run(double rate, double seconds, int size, uint32_t senders) {
    int lost = cut;
    uint64_t used = cpu(), over;
    char padding[4096] = {0};
    free(run.next), free(run.message);
    run = (struct run){.number = run.number + 1, .senders = senders, .rate = rate, .sender = run.sender,
                       .messages = (uint32_t)(rate * seconds)};
    run.next = calloc((size_t)client_count * senders / (size_t)room_count, sizeof *run.next);
    run.message = calloc(run.messages, sizeof *run.message);
    memset(padding, 'x', (size_t)(size < 17 ? 1 : size > 4000 ? 3984 : size - 16));
    if (senders % (uint32_t)room_count || !find_senders(senders)) {
        run.senders = 0;
        printf("{\"error\":\"%u senders do not fit %d rooms, or too few joined\"}\n", senders, room_count);
        return;
    }
    bool behind = false;     /* more than a second's worth of what was offered has not arrived */
    run.start = now() + SECOND / 100;
    /* To the end of the last message's share of the time: one message in one second is a rate, too. */
    while (!behind && (run.sent < run.messages || now() < intended(run.messages))) {
        while (run.sent < run.messages && intended(run.sent) <= now()) send_next(padding);
        behind = run.sent > rate
              && (double)(run.expected - run.heard) * run.sent > (double)run.expected * rate;
        step(intended(run.sent));
    }
    over = now();
    while ((run.heard < run.expected || run.acked < run.sent) && now() < over + (behind ? 10 : 3) * SECOND)
        step(now() + SECOND / 10);
    printf("{\"sent\":%u,\"expected\":%llu,\"heard\":%llu,\"missing\":%llu,\"skipped\":%llu,"
           "\"repeated\":%llu,\"orders\":%d,\"rooms\":%d,\"acked\":%u,\"refused\":%u,\"cut\":%d,"
           "\"behind\":%s,\"start\":%llu,\"seconds\":%.6f,\"drain\":%.6f,\"cpu\":%.6f",
           run.sent, (unsigned long long)run.expected, (unsigned long long)run.heard,
           (unsigned long long)missing(), (unsigned long long)run.skipped, (unsigned long long)run.repeated,
           orders(), room_count, run.acked, run.refused, cut - lost, behind ? "true" : "false",
           (unsigned long long)run.start, (double)(over - run.start) / SECOND,
           (double)(now() - over) / SECOND, (double)(cpu() - used) / SECOND);
    print_histogram("latency", run.latency);
    print_histogram("complete", run.complete);
    print_histogram("ack", run.ack);
    printf("}\n");
}

static void command_on_some(char what, int first, int some) {
    int lost = cut, end = first + some < client_count ? first + some : client_count, left = what == 'r';
    uint64_t start = now();
    for (struct client *client = clients + first; client < clients + end; client++) {
        if (client->phase == GONE) continue;
        if (what == 'd') drop(client);
        if (what == 'r') read_on(client);
        if (what == 's') {
            if (client->phase == JOINED) rooms[client->room].members--;
            client->stalled = true;
            stop_reading(client);
        }
    }
    while (left && now() - start < 3 * SECOND) {
        step(now() + SECOND / 10);
        left = 0;
        for (int i = first; i < end; i++) left += clients[i].phase != GONE;
    }
    printf("{\"connected\":%d,\"joined\":%d,\"cut\":%d}\n", connected, joined, cut - lost);
}

static void obey(const char *line) {
    char word[64], route[64];
    int a, b;
    double rate, seconds;
    if (sscanf(line, "connect %d %63s %d", &a, word, &b) == 3) command_connect(a, word, b);
    else if (sscanf(line, "join %63s %d %63s", word, &a, route) == 3) command_join(word, a, route);
    else if (sscanf(line, "run %lf %lf %d %d", &rate, &seconds, &a, &b) == 4)
        command_run(rate, seconds, a, (uint32_t)b);
    else if (sscanf(line, "%63s %d %d", word, &a, &b) == 3 && strchr("dsr", *word))
        command_on_some(*word, a, b);
    else printf("{\"error\":\"unknown command\"}\n");
    fflush(stdout);
}

int main(int argc, char **argv) {
    char line[512];
    if (argc != 4) return fprintf(stderr, "usage: load ADDRESS PORT MOST-CLIENTS\n"), 2;
    server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2]))};
    if (inet_pton(AF_INET, argv[1], &server.sin_addr) != 1)
        return fprintf(stderr, "load: %s is no IPv4 address\n", argv[1]), 2;
    clients = calloc((size_t)(client_most = atoi(argv[3])), sizeof *clients);
    setvbuf(stdin, NULL, _IONBF, 0);
    start_watching();
    for (;;) {
        for (heed_stdin(); !told;) step(now() + SECOND);
        if (!fgets(line, sizeof line, stdin)) return 0;
        obey(line);
    }
}
