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
 *   jitter RATE SECONDS EVERY AWAY      client 0 sends so many messages a second; the connection of each other is
 *                                       cut every EVERY seconds, in turn, and comes back AWAY seconds later
 *   drop FIRST COUNT                    these are gone, without a word
 *   stall FIRST COUNT                   these stop reading
 *   resume FIRST COUNT                  these read on until the server has cut them, or for 3 s
 */
#define _GNU_SOURCE
#include "load.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define JOIN_ID 999999999u   /* the ack id of a join and the pages after it; others are messages' numbers */

struct room *rooms;
struct client *clients;
int client_most, client_count, room_count, joined;

uint64_t cpu(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * SECOND
         + (uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

/* ── What it hears ── */

static void is_in(struct client *client) {
    client->phase = JOINED;
    joined++;
    rooms[client->room].members++;
}

static void learn_epoch(struct room *room, const char *text, const char *end) {
    const char *key = *room->epoch ? NULL : memmem(text, (size_t)(end - text), "\"epoch\":\"", 9);
    if (key) sscanf(key + 9, "%63[^\"]", room->epoch);
}

/* A server with connection state recovery ends each event with an offset, the string behind the last comma. */
static void learn_offset(struct client *client, const char *text, const char *end) {
    const char *comma = memrchr(text, ',', (size_t)(end - text));
    if (*client->pid && comma && comma[1] == '"') sscanf(comma + 2, "%31[^\"]", client->offset);
}

/* The answer to a join, or a page of what was missed: all messages in it, then the next page. */
static void page(struct client *client, const char *text, const char *end, uint64_t arrived) {
    const char *at, *more = memmem(text, (size_t)(end - text), "\"more\":true", 11);
    struct room *room = &rooms[client->room];
    if (!memmem(text, (size_t)(end - text), "\"ok\":true", 9)) return;   /* refused: not joined */
    if (client->phase == CONNECTED) {
        is_in(client);
        learn_epoch(room, text, end);
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
        if (at && client->phase == JOINED) client->seq = seq;   /* before, the join's answer is still to come */
        learn_epoch(&rooms[client->room], text, end);
        learn_offset(client, text, end);
    } else if (size > 2 && !memcmp(text, "43", 2)) {
        uint32_t id = (uint32_t)strtoul(text + 2, NULL, 10);
        if (id == JOIN_ID) return page(client, text, end, arrived);
        if (id < run.sent) acked(id, memmem(text, size, "\"ok\":true", 9), arrived);
    }
}

/* The same pid as before says that the session was restored, with its rooms. Else who comes back joins again. */
void came(struct client *client, const char *text, size_t size) {
    const char *key = memmem(text, size, "\"pid\":\"", 7);
    char pid[sizeof client->pid] = "";
    if (key) sscanf(key + 7, "%31[^\"]", pid);
    bool restored = *pid && !strcmp(pid, client->pid);
    strcpy(client->pid, pid);
    if (!jittering) return;
    if (restored) is_in(client);
    else join(client);
}

void leaving(struct client *client) {
    if (client->phase != JOINED) return;
    joined--;
    if (!client->stalled) rooms[client->room].members--;
}

void join(struct client *client) {
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
        forget();
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
    double rate, seconds, every, away;
    if (sscanf(line, "connect %d %63s %d", &a, word, &b) == 3) command_connect(a, word, b);
    else if (sscanf(line, "join %63s %d %63s", word, &a, route) == 3) command_join(word, a, route);
    else if (sscanf(line, "run %lf %lf %d %d", &rate, &seconds, &a, &b) == 4)
        command_run(rate, seconds, a, (uint32_t)b);
    else if (sscanf(line, "jitter %lf %lf %lf %lf", &rate, &seconds, &every, &away) == 4)
        command_jitter(rate, seconds, every, away);
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
