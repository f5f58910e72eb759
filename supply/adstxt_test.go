package supply

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

const sampleAdsTxt = "\xef\xbb\xbf# ads.txt of example.com\r\n" +
	"exchange.example, pub-1, DIRECT, f08c47fec0942fa0\r\n" +
	"Exchange.Example. , pub-2 ,reseller # ours\n" +
	"other.example,1234,RESELLER;note=x;y\r" +
	"\n\n" +
	"OWNERDOMAIN=example.org\n" +
	"managerdomain=sales.example, DE\n" +
	"MANAGERDOMAIN=sales.example\n" +
	"SUBDOMAIN=news.example.com\n" +
	"INVENTORYPARTNERDOMAIN=partner.example\n" +
	"CONTACT=ads@example.com\n" +
	"NEWVARIABLE=something\n" +
	"a.example, id=7, DIRECT\n" + // not a variable: the comma comes first
	"no domain, 1, DIRECT\n" +
	"exchange.example, 1\n" +
	"exchange.example, , DIRECT\n" +
	"exchange.example, 1, MAYBE\n" +
	"OWNERDOMAIN=not a domain\n" +
	"<html>\n"

func TestParseAdsTxt(t *testing.T) {
	got := ParseAdsTxt([]byte(sampleAdsTxt))
	want := AdsTxt{
		Records: []Record{
			{"exchange.example", "pub-1", true, "f08c47fec0942fa0"},
			{"exchange.example", "pub-2", false, ""},
			{"other.example", "1234", false, ""},
			{"a.example", "id=7", true, ""},
		},
		Owner: "example.org", Managers: []string{"sales.example, DE", "sales.example"},
		Subdomains: []string{"news.example.com"}, Partners: []string{"partner.example"}, Contacts: []string{"ads@example.com"},
		Ignored: 6,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestParseAdsTxtReadsNoMoreThanItMay(t *testing.T) {
	line := "exchange.example, 1, DIRECT\n"
	body := bytes.Repeat([]byte(line), 2*MaxAdsTxt/len(line))
	if n := len(ParseAdsTxt(body).Records); n != MaxAdsTxt/len(line) {
		t.Errorf("%d records", n)
	}
}

func FuzzAdsTxt(f *testing.F) {
	f.Add([]byte(sampleAdsTxt))
	f.Add([]byte("\xef\xbb\xbf=,=\r\r\n;,;#"))
	f.Fuzz(func(t *testing.T, body []byte) {
		a := ParseAdsTxt(body)
		for _, r := range a.Records {
			if d, ok := Domain(r.Exchange); !ok || d != r.Exchange || !plain(r.Seller) {
				t.Fatalf("%+v", r)
			}
		}
		for _, list := range [][]string{a.Subdomains, a.Partners} {
			for _, d := range list {
				if _, ok := Domain(d); !ok {
					t.Fatalf("%q is no domain", d)
				}
			}
		}
	})
}

func TestDomain(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Example.COM", "example.com"}, {"example.com.", "example.com"}, {"xn--bcher-kva.example", "xn--bcher-kva.example"}, {"_dmarc.example.com", "_dmarc.example.com"},
		{"", ""}, {"example", ""}, {"a..example", ""}, {"-a.example", ""}, {"a/../b.example", ""}, {"http://a.example", ""}, {"a b.example", ""}, {strings.Repeat("a", 64) + ".example", ""},
	} {
		if got, ok := Domain(c.text); got != c.want || ok != (c.want != "") {
			t.Errorf("%q: %q, %v", c.text, got, ok)
		}
	}
	for _, c := range []struct{ domain, want string }{
		{"news.example.com", "example.com"}, {"a.b.example.co.uk", "example.co.uk"}, {"co.uk", ""}, {"blog.github.io", "blog.github.io"},
	} {
		if got, err := RootDomain(c.domain); got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: %q, %v", c.domain, got, err)
		}
	}
}
