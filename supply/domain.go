package supply

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Domain returns a domain as this package compares them: in lower case,
// without a dot at its end. It is false for what is no domain name.
func Domain(text string) (string, bool) {
	text = strings.ToLower(strings.TrimSuffix(text, "."))
	if len(text) < 3 || len(text) > 253 || !strings.Contains(text, ".") {
		return "", false
	}
	for label := range strings.SplitSeq(text, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return "", false
		}
		for i := range len(label) {
			if c := label[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return "", false
			}
		}
	}
	return text, true
}

// RootDomain returns the part of a domain that somebody registered: what
// stands below the public suffix. Its ads.txt speaks for all of it.
func RootDomain(domain string) (string, error) {
	name, ok := Domain(domain)
	if !ok {
		return "", errors.New("cannot use a domain: it is no domain name")
	}
	root, err := publicsuffix.EffectiveTLDPlusOne(name)
	if err != nil {
		return "", fmt.Errorf("cannot use a domain: %w", err)
	}
	return root, nil
}
