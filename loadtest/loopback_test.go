package loadtest

import (
	"strings"
	"testing"
	"time"
)

func TestOnlyLoopbackIsFollowed(t *testing.T) {
	for url, want := range map[string]bool{
		"http://127.0.0.1/":                 true,
		"http://127.8.9.1:80/n/win/x?p=1":   true,
		"http://[::1]:8080?x":               true,
		"http://localhost#top":              true,
		"http://localhost":                  true,
		"":                                  false,
		"/n/win":                            false,
		"//127.0.0.1/n":                     false,
		"https://127.0.0.1/":                false,
		"http://":                           false,
		"http://localhost.example.com/":     false,
		"http://192.0.2.1/":                 false,
		"http://127.0.0.1@192.0.2.1/":       false,
		"http://127.0.0.1:80,192.0.2.1:80/": false,
		"http://127.0.0.1.example.com:80/":  false,
		`http://example.com\@127.0.0.1/`:    false,
	} {
		if got := reach(nil).url(url); got != want {
			t.Errorf("url(%q) = %v", url, got)
		}
	}
	if _, err := reach(nil).dial("192.0.2.1:80", time.Second); err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Errorf("dialled away: %v", err)
	}
}
