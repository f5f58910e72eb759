package campaign

import (
	"strings"

	"golang.org/x/net/html"
)

// InsecureResource returns the first URL by which HTML would load something
// over plain HTTP as it stands, or "". What its scripts and styles load, it
// cannot see; where links lead is no resource.
func InsecureResource(markup string) string {
	z := html.NewTokenizer(strings.NewReader(markup))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return "" // the end: a tokenizer takes whatever browsers take
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			for _, a := range t.Attr {
				if loads(t.Data, a.Key) && insecure(a.Val) {
					return strings.TrimSpace(a.Val)
				}
			}
		}
	}
}

// loads says whether a browser fetches what an attribute names.
func loads(tag, attr string) bool {
	switch attr {
	case "src", "srcset", "poster", "background":
		return true
	case "href":
		return tag == "link" || tag == "image" || tag == "use"
	case "data":
		return tag == "object"
	}
	return false
}

func insecure(url string) bool {
	const scheme = "http://"
	url = strings.TrimSpace(url)
	return len(url) >= len(scheme) && strings.EqualFold(url[:len(scheme)], scheme)
}
