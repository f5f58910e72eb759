package native

import "testing"

func TestImageMIME(t *testing.T) {
	for _, c := range []struct{ url, said, want string }{
		{"https://cdn.example.com/a.png", "image/webp", "image/webp"},
		{"https://cdn.example.com/a.JPG?w=1.png", "", "image/jpeg"},
		{"https://cdn.example.com/a.png", "", "image/png"},
		{"https://cdn.example.com/a", "", ""},
		{"https://cdn.example.com/a.php", "", ""},
		{"%", "", ""},
	} {
		got := imageMIME(c.url, c.said)
		if got != c.want {
			t.Errorf("%s, %q: %q, want %q", c.url, c.said, got, c.want)
		}
		p := part{mime: []byte(got)}
		if !p.isOneOf(nil) || p.isOneOf([][]byte{[]byte("image/tiff")}) {
			t.Errorf("%s: an asset that lists nothing does not take it, or one of another type does", c.url)
		}
	}
}
