package postgres

import (
	"bufio"
	"context"
	"net"
)

// wideRead is how much a connection takes from the kernel at a time. The
// driver reads 8 KiB at a time, which for a bulk COPY is a system call for
// every hundred rows.
const wideRead = 256 << 10

// wideConn is a connection with a large read buffer. Only reads are buffered,
// and a read never waits for more than is there.
type wideConn struct {
	net.Conn
	r *bufio.Reader
}

func (c wideConn) Read(p []byte) (int, error) { return c.r.Read(p) }

type dialFunc = func(ctx context.Context, network, addr string) (net.Conn, error)

func wide(dial dialFunc) dialFunc {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return wideConn{c, bufio.NewReaderSize(c, wideRead)}, nil
	}
}
