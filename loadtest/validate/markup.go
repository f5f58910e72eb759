package validate

import (
	"html"
	"net"
	"net/url"
	"regexp"
	"strings"
)

// checkURLs judges the notice URLs: absolute, and secure but on this machine.
func (c *checker) checkURLs(b *bid) {
	for _, n := range []struct {
		code Code
		url  string
	}{{NURL, b.NURL}, {BURL, b.BURL}, {LURL, b.LURL}} {
		if n.url != "" && !secureURL(n.url) {
			c.add(n.code, "%q", n.url)
		}
		c.checkMacros(n.url)
	}
	if b.BURL == "" && c.options.WantBURL {
		c.add(BURL, "missing")
	}
}

// secureURL says whether a URL is absolute https, or http on loopback.
func secureURL(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname())
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// macros is the exchange's to fill in (section 4.4).
var macros = map[string]bool{
	"ID": true, "BID_ID": true, "IMP_ID": true, "SEAT_ID": true, "AD_ID": true, "PRICE": true, "CURRENCY": true, "MBR": true,
	"LOSS": true, "MIN_TO_WIN": true, "MULTIPLIER": true, "IMP_TS": true, "DISCOUNT_PCT": true, "DISCOUNT_CPM": true,
}

var macro = regexp.MustCompile(`\$\{(?:AUCTION_([A-Z0-9_]*)(?::[A-Z0-9]+)?|CLICK_URL|PIXEL_URL|CACHEBUSTER)\}`)

// checkMacros finds macros that nobody will fill in: those that the bidder
// should have, and names that the specification does not have.
func (c *checker) checkMacros(text string) {
	for _, m := range macro.FindAllStringSubmatch(text, -1) {
		if !macros[m[1]] {
			c.add(Macro, "%s", m[0])
		}
	}
}

// What HTML loads, as opposed to links that a user follows: attributes, in
// which there may be several URLs or further HTML, and style sheets.
var (
	loading = regexp.MustCompile(`(?i)(?:\b(?:src|srcset|imagesrcset|srcdoc|data|poster|background)\s*=\s*|` +
		`<(?:link|image|use|feimage|script|pattern|filter|lineargradient|radialgradient|mpath|textpath)\b[^>]*?\b(?:xlink:)?href\s*=\s*)` +
		`("[^"]*"|'[^']*'|[^\s"'>]+)`)
	styling = regexp.MustCompile(`(?i)(?:\burl\(|@import)\s*["']?\s*(http:[^\s"'>);]*)`)
)

// checkHTML judges a banner's markup.
func (c *checker) checkHTML(markup string, secure bool) {
	c.checkMacros(markup)
	if !secure {
		return
	}
	for _, m := range loading.FindAllStringSubmatch(markup, -1) {
		value := strings.Trim(m[1], `"'`)
		c.checkSecureValue(strings.ToLower(m[0]), html.UnescapeString(value))
	}
	for _, m := range styling.FindAllStringSubmatch(html.UnescapeString(markup), -1) {
		c.checkSecure(m[1])
	}
}

// checkSecureValue judges the value of an attribute that loads: a URL, or in
// some a list of them, or HTML.
func (c *checker) checkSecureValue(attribute, value string) {
	switch {
	case strings.Contains(attribute, "srcdoc"):
		c.checkHTML(value, true)
	case strings.Contains(attribute, "srcset"):
		for _, candidate := range strings.Split(value, ",") {
			c.checkSecure(strings.TrimSpace(candidate))
		}
	default:
		c.checkSecure(strings.TrimSpace(value))
	}
}

// checkSecure judges a URL that an imp with secure=1 loads. Browsers take
// http on loopback for secure, too.
func (c *checker) checkSecure(u string) {
	if len(u) >= 5 && strings.EqualFold(u[:5], "http:") && !secureURL(u) {
		c.add(Insecure, "%q", u)
	}
}

var script, frame = regexp.MustCompile(`(?i)<script\b`), regexp.MustCompile(`(?i)<iframe\b`)
