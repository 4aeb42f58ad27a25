/* An open-loop run: messages at a rate, and who heard each of them and how late. */
#define _GNU_SOURCE
#include "load.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct run run;

static uint32_t digits(const char *text, int size) {
    uint32_t value = 0;
    while (size--) value = value * 10 + (uint32_t)(*text++ - '0');
    return value;
}

uint64_t intended(uint32_t number) { return run.start + (uint64_t)(number * 1e6 / run.rate); }

/* `text` begins with a mark and belongs to at least MARK_SIZE bytes. */
void heard(struct client *client, const char *text, uint64_t arrived) {
    uint32_t number = digits(text + 6, 9);
    if (digits(text + 1, 4) != run.number || number >= run.sent) return;
    if (jittering) return heard_in_jitter(client, number, arrived);
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

void acked(uint32_t number, bool ok, uint64_t arrived) {
    run.acked++;
    run.refused += !ok;
    count(run.ack, arrived - intended(number));
}

/* What joined clients still lack of the last run's messages in their rooms. */
uint64_t missing(void) {
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

/* No run is under way: what a slow server still sends of the last one counts no more. */
void forget(void) { run.senders = run.sent = 0, run.skipped = 0; }

/* Makes a new run the one that is under way; false if so many senders do not fit the rooms. */
bool begin(double rate, double seconds, uint32_t senders) {
    free(run.next), free(run.message);
    run = (struct run){.number = run.number + 1, .senders = senders, .rate = rate, .sender = run.sender,
                       .messages = (uint32_t)(rate * seconds)};
    run.next = calloc((size_t)client_count * senders / (size_t)room_count, sizeof *run.next);
    run.message = calloc(run.messages, sizeof *run.message);
    if (senders % (uint32_t)room_count || !find_senders(senders)) {
        forget();
        printf("{\"error\":\"%u senders do not fit %d rooms, or too few joined\"}\n", senders, room_count);
        return false;
    }
    run.start = now() + SECOND / 100;
    return true;
}

/* A text of `size` characters, as far as there is room for the mark and a space. */
void send_next(int size) {
    static char padding[4096];
    uint32_t number = run.sent++;
    struct client *client = &clients[run.sender[number % run.senders]];
    char packet[8192];
    if (client->phase != JOINED) return;
    if (!*padding) memset(padding, 'x', sizeof padding - 1);
    /* The id tells this run from one of another process, whose message of the same text would be this again. */
    run.expected += run.message[number].due = rooms[client->room].members;
    snprintf(packet, sizeof packet,
             "42%u[\"message\",\"%c%04u.%09u %.*s\",{\"room\":\"%s\",\"id\":\"r%llx-%09u\"}]",
             number, MARK, run.number, number, size < 17 ? 1 : size > 4000 ? 3984 : size - 16, padding,
             rooms[client->room].name, (unsigned long long)run.start, number);
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

void command_run(double rate, double seconds, int size, uint32_t senders) {
    int lost = cut;
    uint64_t used = cpu(), over;
    if (!begin(rate, seconds, senders)) return;
    bool behind = false;     /* more than a second's worth of what was offered has not arrived */
    /* To the end of the last message's share of the time: one message in one second is a rate, too. */
    while (!behind && (run.sent < run.messages || now() < intended(run.messages))) {
        while (run.sent < run.messages && intended(run.sent) <= now()) send_next(size);
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
