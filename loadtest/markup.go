package loadtest

import (
	"html"
	"iter"
	"strings"
)

// attributes yields the value of one attribute of every element of a name in
// HTML, unescaped. It reads what banners are made of, not all of HTML: quoted
// values, no comments.
func attributes(markup, element, attribute string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for rest := markup; ; {
			at := strings.IndexByte(rest, '<')
			if at < 0 {
				return
			}
			rest = rest[at+1:]
			if len(rest) <= len(element) || !strings.EqualFold(rest[:len(element)], element) || !space(rest[len(element)]) {
				continue
			}
			var value string
			value, rest = attributeOf(rest[len(element):], attribute)
			if value != "" && !yield(html.UnescapeString(value)) {
				return
			}
		}
	}
}

// attributeOf reads the attributes of an element up to its end and returns
// the wanted one's value and what follows the element.
func attributeOf(s, want string) (value, rest string) {
	for {
		s = strings.TrimLeft(s, " \t\r\n/")
		if s == "" || s[0] == '>' {
			return value, s
		}
		end := strings.IndexAny(s, "= \t\r\n>")
		if end < 0 {
			return value, ""
		}
		name := s[:end]
		s = s[end:]
		if s[0] != '=' {
			continue
		}
		s = s[1:]
		if s == "" || s[0] != '"' && s[0] != '\'' {
			continue // an unquoted value: not read
		}
		quoted, after, ok := strings.Cut(s[1:], s[:1])
		if !ok {
			return value, ""
		}
		s = after
		if strings.EqualFold(name, want) {
			value = quoted
		}
	}
}

func space(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
