"""An upstream that does nothing by itself: who plays has each connection in
his hands, byte by byte."""
import queue
import socket
import threading


class Hand:
    """One request that has come: its head, and what goes back."""

    def __init__(self, sock, head, rest):
        self.socket = sock
        self.head = head.decode("latin-1")
        self.rest = rest

    def say(self, data):
        self.socket.sendall(data if isinstance(data, bytes)
                            else data.encode("latin-1"))

    def chunk(self, data):
        data = data if isinstance(data, bytes) else data.encode("latin-1")
        self.say(b"%x\r\n%s\r\n" % (len(data), data))

    def until(self, mark):
        """What comes up to there, with it; or up to the end."""
        while mark not in self.rest:
            data = self.socket.recv(65536)
            if not data:
                break
            self.rest += data
        found, mark, self.rest = self.rest.partition(mark)
        return found + mark

    def is_left(self, seconds):
        """The other side closes within so long."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(65536) == b""
        except ConnectionResetError:
            return True
        except socket.timeout:
            return False

    def close(self):
        self.socket.close()


class Puppet:
    def __init__(self):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(64)
        self.url = "http://127.0.0.1:%d" % self.socket.getsockname()[1]
        self.came = queue.Queue()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            sock, _ = self.socket.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.read, args=(sock,),
                             daemon=True).start()

    def read(self, sock):
        data = b""
        while b"\r\n\r\n" not in data:
            more = sock.recv(65536)
            if not more:
                sock.close()
                return
            data += more
        head, _, rest = data.partition(b"\r\n\r\n")
        self.came.put(Hand(sock, head, rest))

    def next(self, seconds=10):
        return self.came.get(timeout=seconds)

    def nothing(self, seconds):
        """Nobody asks within so long."""
        try:
            self.came.get(timeout=seconds)
        except queue.Empty:
            return True
        return False
