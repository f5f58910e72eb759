package usersync

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// template is an exchange's address with holes, taken apart once. Only what is
// behind host and path can have holes, and what fills one is escaped, so that
// nothing in a request can change where the browser goes or add a header.
type template struct{ parts []part }

// part is a text and the macro behind it, "" at the end.
type part struct{ text, macro string }

// parseTemplate reads an address like
// https://match.example.com/dsp?id={uid}&gdpr={gdpr}. The macros are {uid},
// {param}, {gdpr}, {gdpr_consent}, {gpp}, {gpp_sid} and {us_privacy}.
func parseTemplate(text string) (*template, error) {
	if len(text) > 2048 {
		return nil, errors.New("an address has at most 2048 characters")
	}
	fixed, rest, _ := strings.Cut(text, "?")
	u, err := url.Parse(fixed)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || strings.ContainsAny(fixed, "{}\\ ") {
		return nil, errors.New("an address begins with https:// and a host, and has macros behind a question mark only")
	}
	for _, c := range text {
		if c <= ' ' || c > '~' || c == '#' {
			return nil, errors.New("an address is of printable ASCII, without spaces and #")
		}
	}
	t := &template{}
	if rest == "" {
		return nil, errors.New("an address has a query with {uid} or {param} in it")
	}
	lead, told := fixed+"?", false
	for rest != "" {
		open := strings.IndexByte(rest, '{')
		if open < 0 {
			t.parts = append(t.parts, part{text: lead + rest})
			lead = ""
			break
		}
		end := strings.IndexByte(rest[open:], '}')
		if end < 0 {
			return nil, errors.New("a macro has no end")
		}
		macro := rest[open+1 : open+end]
		switch macro {
		case "uid", "param":
			told = true
		case "gdpr", "gdpr_consent", "gpp", "gpp_sid", "us_privacy":
		default:
			return nil, fmt.Errorf("there is no macro {%s}", macro)
		}
		t.parts = append(t.parts, part{lead + rest[:open], macro})
		lead, rest = "", rest[open+end+1:]
	}
	if !told {
		return nil, errors.New("an address has {uid} or {param} in it")
	}
	return t, nil
}

// appendTo appends the address with its holes filled.
func (t *template) appendTo(dst []byte, uid string, q *query) []byte {
	for _, p := range t.parts {
		dst = append(dst, p.text...)
		var v []byte
		switch p.macro {
		case "":
			continue
		case "uid":
			dst = append(dst, uid...) // of our own alphabet
			continue
		case "param":
			v = q.param
		case "gdpr":
			v = q.gdpr
		case "gdpr_consent":
			v = q.tcf
		case "gpp":
			v = q.gpp
		case "gpp_sid":
			v = q.sections
		case "us_privacy":
			v = q.usPrivacy
		}
		dst = appendEscaped(dst, v)
	}
	return dst
}

// appendEscaped appends a value of a query: letters, digits and four signs as
// they are, every other byte as %XX.
func appendEscaped(dst, v []byte) []byte {
	const hex = "0123456789ABCDEF"
	for _, c := range v {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.', c == '~':
			dst = append(dst, c)
		default:
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	return dst
}
