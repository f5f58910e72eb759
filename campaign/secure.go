package campaign

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// insecureStyle finds what CSS loads over plain HTTP.
var insecureStyle = regexp.MustCompile(`(?i)(?:url\(\s*["']?|@import\s*["'])\s*(http://[^"')\s]*)`)

const plainHTTP = "http://"

// InsecureResource returns the first URL by which HTML would load something
// over plain HTTP as it stands, or "". What its scripts load, it cannot see;
// where links lead is no resource.
func InsecureResource(markup string) string {
	if !strings.Contains(markup, "&") && !strings.Contains(strings.ToLower(markup), plainHTTP) {
		return "" // as of most: what follows takes 4 KB
	}
	z := html.NewTokenizer(strings.NewReader(markup))
	within := "" // the element whose text comes next
	for {
		switch z.Next() {
		case html.ErrorToken:
			return "" // the end: a tokenizer takes whatever browsers take
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			within = t.Data
			for _, a := range t.Attr {
				if u := insecureIn(t.Data, a); u != "" {
					return u
				}
			}
		case html.EndTagToken:
			within = ""
		case html.TextToken:
			if within == "style" {
				if u := insecureCSS(z.Token().Data); u != "" {
					return u
				}
			}
		}
	}
}

// insecureIn returns what a browser would fetch over plain HTTP for an
// attribute, or "".
func insecureIn(tag string, a html.Attribute) string {
	switch key := strings.TrimPrefix(a.Key, "xlink:"); key {
	case "src", "poster", "background":
		return insecureURL(a.Val)
	case "href":
		if tag != "a" && tag != "area" {
			return insecureURL(a.Val)
		}
	case "data":
		if tag == "object" {
			return insecureURL(a.Val)
		}
	case "srcset", "imagesrcset":
		for candidate := range strings.SplitSeq(a.Val, ",") {
			if u := insecureURL(candidate); u != "" {
				u, _, _ = strings.Cut(u, " ")
				return u
			}
		}
	case "style":
		return insecureCSS(a.Val)
	case "srcdoc":
		return InsecureResource(a.Val)
	}
	return ""
}

func insecureCSS(text string) string {
	if m := insecureStyle.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// insecureURL returns the URL if it is of plain HTTP, else "".
func insecureURL(url string) string {
	url = strings.TrimSpace(url)
	if len(url) >= len(plainHTTP) && strings.EqualFold(url[:len(plainHTTP)], plainHTTP) {
		return url
	}
	return ""
}
