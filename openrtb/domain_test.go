package openrtb

import "testing"

func decoded(t *testing.T, body string) *Request {
	t.Helper()
	r, err := NewDecoder(DefaultLimits()).Decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Release)
	return r
}

// A clock that no place has is unknown, not one that is days away.
func TestOffsetsOfNoPlace(t *testing.T) {
	for offset, known := range map[string]bool{"-720": true, "840": true, "0": true, "-721": false, "841": false, "99999999": false, `"x"`: false} {
		d := &decoded(t, minimal(`"device":{"geo":{"utcoffset":`+offset+`}}`)).Device
		if d.HasUTCOffset != known || !known && d.UTCOffset != 0 {
			t.Errorf("%s: %v, %d", offset, d.HasUTCOffset, d.UTCOffset)
		}
	}
}

// TestDomainsAreBare checks that a site's domain is the same however it is
// spelt, so that no spelling passes by an exclude list or an ads.txt.
func TestDomainsAreBare(t *testing.T) {
	for _, c := range []struct{ site, want string }{
		{`"domain":"example.org"`, "example.org"},
		{`"domain":"https://example.org"`, "example.org"},
		{`"domain":"HTTPS://User@Example.org:443/a?b#c"`, "example.org"},
		{`"domain":"//example.org"`, "example.org"},
		{`"domain":"example.org/"`, "example.org"},
		{`"domain":"example.org/a"`, "example.org"},
		{`"domain":"example.org:443"`, "example.org"},
		{`"domain":" example.org"`, "example.org"},
		{`"domain":"example.org\n"`, "example.org"},
		{`"domain":".example.org."`, "example.org"},
		{`"domain":"*.example.org"`, "example.org"},
		{`"domain":"www.example.org"`, "www.example.org"},
		{`"domain":"Größe Example"`, "größe example"},
		{`"domain":"localhost"`, "localhost"},
		{`"domain":"","page":"https://example.org/x"`, "example.org"},
		{`"page":"https://example.org/x"`, "example.org"},
		{`"page":"http://me@EXAMPLE.org:8080?x"`, "example.org"},
		{`"page":"//example.org/x"`, "example.org"},
		{`"page":"example.org/x"`, "example.org"},
		{`"page":"Example.org:443/x"`, "example.org"},
		{`"page":"http://localhost/x"`, "localhost"},
		{`"page":"/about/us.html"`, ""},
		{`"page":"about:blank"`, ""},
		{`"page":"home"`, ""},
		{`"domain":"amp.example.com","page":"https://example.org/x"`, "amp.example.com"},
	} {
		r := decoded(t, minimal(`"site":{`+c.site+`}`))
		if got := string(r.Site.Domain); got != c.want {
			t.Errorf("%s: %q, want %q", c.site, got, c.want)
		}
	}
	r := decoded(t, minimal(`"site":{"page":"https://Example.org/A?B","inventorypartnerdomain":"https://Partner.example/","publisher":{"domain":"www.Pub.example/"}}`))
	if got := string(r.Site.Page); got != "https://example.org/A?B" {
		t.Errorf("the page is %q", got)
	}
	if a, b := string(r.Site.PartnerDomain), string(r.Site.PublisherDomain); a != "partner.example" || b != "www.pub.example" {
		t.Errorf("the partner is %q, the publisher %q", a, b)
	}
}
