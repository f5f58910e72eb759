package bidder

import "testing"

// An imp that wants HTTPS gets no pixel of ours by HTTP, but from this machine.
func TestSecure(t *testing.T) {
	for url, want := range map[string]bool{
		"https://bid.example.com": true, "http://bid.example.com": false, "http://10.0.0.7:8080": false,
		"http://127.0.0.1:8080": true, "http://[::1]:8080": true, "http://LOCALHOST/": true, "http://[::]:8080": true, "http://localhost.example.com": false,
	} {
		if got := Secure(url); got != want {
			t.Errorf("%s: %t, want %t", url, got, want)
		}
	}
}
