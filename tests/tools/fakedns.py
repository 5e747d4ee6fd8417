#!/usr/bin/env python3
"""fakedns.py - a name server that lies, hangs and fails when asked.

Usage: fakedns.py CONTROL-FILE [ADDRESS] [PORT]      (127.0.0.53, 53)
Prints "ready" once it listens, and ends with its parent. The control file is
read again for every question; a line is "NAME WHAT", where NAME may be "*" and
WHAT is one of
    ADDRESS[,ADDRESS...]   the answer        nxdomain    no such name
    servfail               a failure         hang        no answer at all
    empty                  no address        slow MS ADDRESS    late
The first line that fits counts; without one the name does not exist. Every
question is appended to CONTROL-FILE.log as "NAME TYPE".
"""
import ctypes
import signal
import socket
import sys
import threading
import time

from dnslib import A, AAAA, DNSRecord, QTYPE, RCODE, RR


def rule_for(control, name):
    with open(control, encoding="ascii") as lines:
        for line in lines:
            words = line.split()
            if len(words) >= 2 and words[0] in ("*", name):
                return words[1:]
    return ["nxdomain"]


def add_addresses(reply, question, addresses):
    for address in addresses.split(","):
        is_v6 = ":" in address
        if question.qtype == QTYPE.A and not is_v6:
            reply.add_answer(RR(question.qname, QTYPE.A, ttl=0,
                                rdata=A(address)))
        elif question.qtype == QTYPE.AAAA and is_v6:
            reply.add_answer(RR(question.qname, QTYPE.AAAA, ttl=0,
                                rdata=AAAA(address)))


def answer(control, listener, packet, peer):
    query = DNSRecord.parse(packet)
    name = str(query.q.qname).rstrip(".").lower()
    with open(control + ".log", "a", encoding="ascii") as log:
        log.write("%s %s\n" % (name, QTYPE[query.q.qtype]))
    rule = rule_for(control, name)
    reply = query.reply()
    if rule[0] == "hang":
        return
    if rule[0] == "slow":
        time.sleep(int(rule[1]) / 1000)
        rule = rule[2:]
    if rule[0] == "nxdomain":
        reply.header.rcode = RCODE.NXDOMAIN
    elif rule[0] == "servfail":
        reply.header.rcode = RCODE.SERVFAIL
    elif rule[0] != "empty":
        add_addresses(reply, query.q, rule[0])
    listener.sendto(reply.pack(), peer)


def main():
    control = sys.argv[1]
    address = sys.argv[2] if len(sys.argv) > 2 else "127.0.0.53"
    port = int(sys.argv[3]) if len(sys.argv) > 3 else 53
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind((address, port))
    print("ready", flush=True)
    while True:
        packet, peer = listener.recvfrom(4096)
        threading.Thread(target=answer, daemon=True,
                         args=(control, listener, packet, peer)).start()


if __name__ == "__main__":
    main()
