package app

import (
	"net"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttputil"
)

// Who sends a request bit by bit, or reads no answers, loses the connection;
// the times are those of the server, made short.
func TestSlowClientsAreEnded(t *testing.T) {
	for name, play := range map[string]func(net.Conn){
		"no header":   func(net.Conn) {},
		"half header": func(c net.Conn) { c.Write([]byte("POST /openrtb2/alpha HTTP/1.1\r\nHost: b")) },
		"half body": func(c net.Conn) {
			c.Write([]byte("POST /openrtb2/alpha HTTP/1.1\r\nHost: bid\r\nContent-Length: 10\r\n\r\n{"))
		},
		"drop by drop": func(c net.Conn) {
			for _, b := range []byte("POST /openrtb2/alpha HTTP/1.1\r\nHost: bid\r\nContent-Length: 100000\r\n\r\n") {
				if _, err := c.Write([]byte{b}); err != nil {
					return
				}
			}
			for {
				if _, err := c.Write([]byte{' '}); err != nil {
					return
				}
				<-time.After(time.Millisecond)
			}
		},
		"nothing read": func(c net.Conn) {
			for {
				if _, err := c.Write([]byte("GET / HTTP/1.1\r\nHost: bid\r\n\r\n")); err != nil {
					return
				}
			}
		},
	} {
		s := exchangeServer(10)
		if s.ReadTimeout <= 0 || s.WriteTimeout <= 0 || s.IdleTimeout <= 0 || s.MaxRequestBodySize <= 0 {
			t.Fatalf("a limit is missing: %+v", s)
		}
		s.ReadTimeout, s.WriteTimeout, s.IdleTimeout = 30*time.Millisecond, 30*time.Millisecond, time.Hour
		if name == "no header" {
			s.IdleTimeout = 30 * time.Millisecond
		}
		s.Handler = func(ctx *fasthttp.RequestCtx) { ctx.Write(make([]byte, 64<<10)) }
		ended := make(chan struct{})
		s.ConnState = func(_ net.Conn, state fasthttp.ConnState) {
			if state == fasthttp.StateClosed {
				close(ended)
			}
		}
		l := fasthttputil.NewInmemoryListener()
		served := make(chan error)
		go func() { served <- s.Serve(patient(l, s)) }()
		c, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		played := make(chan struct{})
		go func() { defer close(played); play(c) }()
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			t.Errorf("%s: the connection is open after 20 s", name)
		}
		c.Close()
		<-played
		if err := s.Shutdown(); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	}
}
