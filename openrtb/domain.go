package openrtb

import "bytes"

// domain reads the domain of a site, seller or channel, in lower case and
// bare: lists hold domains as DNS writes them, and one in another spelling
// must not pass by them. What is no domain is kept as it is, in lower case.
func (p *parser) domain() []byte {
	text, _ := p.text()
	if host, ok := hostIn(text); ok {
		return host
	}
	text = trimBlanks(text)
	lower(text)
	return text
}

// bareDomain is hostIn without "www." in front: for lists in which a domain
// stands for whoever owns it.
func bareDomain(d []byte) (domain []byte, ok bool) {
	if d, ok = hostIn(d); !ok {
		return nil, false
	}
	if rest, found := bytes.CutPrefix(d, []byte("www.")); found && bytes.IndexByte(rest, '.') > 0 {
		d = rest
	}
	return d, true
}

// hostIn returns the domain in a text, in lower case in the text too: of a URL
// its host, without a wildcard in front and the dot of the root behind.
// Domains are as DNS writes them, so one in other letters cannot be compared.
func hostIn(d []byte) (host []byte, ok bool) {
	d = trimBlanks(d)
	if i := bytes.IndexAny(d, "/?#"); i >= 0 && bytes.HasPrefix(d[i:], []byte("//")) && (i == 0 || d[i-1] == ':') {
		d = d[i+2:]
	}
	if end := bytes.IndexAny(d, "/?#"); end >= 0 {
		d = d[:end]
	}
	d = d[bytes.LastIndexByte(d, '@')+1:]
	if host, port, found := bytes.Cut(d, []byte(":")); found {
		if len(bytes.Trim(port, "0123456789")) > 0 {
			return nil, false
		}
		d = host
	}
	for bytes.HasPrefix(d, []byte("*.")) || bytes.HasPrefix(d, []byte(".")) {
		d = d[bytes.IndexByte(d, '.')+1:]
	}
	d = bytes.TrimRight(d, ".")
	label := 0 // bytes of it
	for _, c := range d {
		switch {
		case c|0x20-'a' < 26, isDigit(c), c == '-', c == '_':
			label++
		case c == '.' && label > 0:
			label = 0
		default:
			return nil, false
		}
	}
	lower(d)
	return d, label > 0
}

// hostOf returns the host of a page's URL, or nil. A URL without a scheme has
// one if its first part has a dot, which a path alone rarely has.
func hostOf(page []byte) []byte {
	host, ok := hostIn(page)
	if !ok || !bytes.Contains(page, []byte("//")) && bytes.IndexByte(host, '.') < 0 {
		return nil
	}
	return host
}

func trimBlanks(text []byte) []byte { return bytes.Trim(text, " \t\r\n") }
