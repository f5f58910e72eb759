package catalog

import (
	"slices"
	"strings"
)

// nameSet is a list of domains or bundles, lower case, sorted, each once.
type nameSet []string

// newNameSet returns the set of names, without a trailing dot, which names
// the same domain. Each name is as text has it, which is in memory once.
func newNameSet(names []string, text func(string) string) nameSet {
	if len(names) == 0 {
		return nil
	}
	set := make(nameSet, 0, len(names))
	for _, n := range names {
		if n = normalName(n); n != "" {
			set = append(set, text(n))
		}
	}
	slices.Sort(set)
	return slices.Clip(slices.Compact(set))
}

func normalName(n string) string {
	return strings.ToLower(strings.TrimSuffix(strings.TrimSpace(n), "."))
}

// has says whether name, in any case, is in the set.
func (s nameSet) has(name []byte) bool {
	lo, hi := 0, len(s)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		switch c := compareFold(s[mid], name); {
		case c == 0:
			return true
		case c < 0:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return false
}

// hasDomain says whether domain, in any case, or a domain above it is in the
// set.
func (s nameSet) hasDomain(domain []byte) bool {
	if len(s) == 0 {
		return false
	}
	for rest := trimDot(domain); len(rest) > 0; {
		if s.has(rest) {
			return true
		}
		rest = parentDomain(rest)
	}
	return false
}

// parentDomain cuts the first label off; empty when there is no second.
func parentDomain(domain []byte) []byte {
	for i, c := range domain {
		if c == '.' {
			return domain[i+1:]
		}
	}
	return nil
}

func trimDot(domain []byte) []byte {
	if n := len(domain); n > 0 && domain[n-1] == '.' {
		return domain[:n-1]
	}
	return domain
}

// Within says whether domain (lower case) is parent or lies below it. parent
// may be in any case.
func Within(domain string, parent []byte) bool {
	at := len(domain) - len(parent)
	return len(parent) > 0 && at >= 0 && compareFold(domain[at:], parent) == 0 && (at == 0 || domain[at-1] == '.')
}

// compareFold orders lower (lower case) against text, whose ASCII letters
// count as lower case.
func compareFold(lower string, text []byte) int {
	for i := range min(len(lower), len(text)) {
		if c := lowerByte(text[i]); lower[i] != c {
			return int(lower[i]) - int(c)
		}
	}
	return len(lower) - len(text)
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// lower appends src to dst with its ASCII letters in lower case.
func lower(dst, src []byte) []byte {
	for _, c := range src {
		dst = append(dst, lowerByte(c))
	}
	return dst
}
