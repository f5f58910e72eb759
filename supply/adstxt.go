package supply

import (
	"bytes"
	"strings"
)

// MaxAdsTxt bounds an ads.txt or app-ads.txt, in bytes. The largest honest
// ones have some 300 KiB.
const MaxAdsTxt = 1 << 20

// AdsTxt is what an ads.txt or app-ads.txt says (IAB ads.txt 1.1).
type AdsTxt struct {
	Records    []Record
	Owner      string   // OWNERDOMAIN: who owns the business; empty when not said
	Managers   []string // MANAGERDOMAIN: who sells for the owner, as "example.com" or "example.com, DE" for one country
	Subdomains []string // SUBDOMAIN: those that have an ads.txt of their own
	Partners   []string // INVENTORYPARTNERDOMAIN: whose ads.txt speaks for inventory that is shared with them
	Contacts   []string // CONTACT
	Ignored    int      // lines that are neither a record, a variable, a comment nor empty
}

// Record is one authorised seller.
type Record struct {
	Exchange  string // domain of the advertising system, lower case
	Seller    string // the account there, as is
	Direct    bool   // DIRECT: the publisher's own account; else RESELLER
	Authority string // the system's id with a certification authority, if any
}

// ParseAdsTxt reads an ads.txt or app-ads.txt. What it cannot read it leaves
// out and counts, as the specification says: one wrong line does not spoil a
// file. Beyond MaxAdsTxt it reads nothing.
func ParseAdsTxt(body []byte) (a AdsTxt) {
	body = bytes.TrimPrefix(body[:min(len(body), MaxAdsTxt)], []byte("\xef\xbb\xbf"))
	for len(body) > 0 {
		line := body
		if i := bytes.IndexAny(body, "\r\n"); i >= 0 {
			line, body = body[:i], body[i+1:]
		} else {
			body = nil
		}
		if i := bytes.IndexByte(line, '#'); i >= 0 {
			line = line[:i]
		}
		if line = bytes.TrimSpace(line); len(line) > 0 && !a.line(string(line)) {
			a.Ignored++
		}
	}
	return a
}

func (a *AdsTxt) line(line string) bool {
	equals, comma := strings.IndexByte(line, '='), strings.IndexByte(line, ',')
	if equals >= 0 && (comma < 0 || equals < comma) {
		return a.variable(strings.ToUpper(strings.TrimSpace(line[:equals])), strings.TrimSpace(line[equals+1:]))
	}
	line, _, _ = strings.Cut(line, ";") // behind it are extensions
	field := strings.Split(line, ",")
	if len(field) < 3 {
		return false
	}
	for i := range field {
		field[i] = strings.TrimSpace(field[i])
	}
	exchange, ok := Domain(field[0])
	r := Record{Exchange: exchange, Seller: field[1]}
	switch {
	case !ok, !plain(r.Seller):
		return false
	case strings.EqualFold(field[2], "DIRECT"):
		r.Direct = true
	case !strings.EqualFold(field[2], "RESELLER"):
		return false
	}
	if len(field) > 3 {
		r.Authority = field[3]
	}
	a.Records = append(a.Records, r)
	return true
}

func (a *AdsTxt) variable(name, value string) bool {
	domain, isDomain := Domain(value)
	switch name {
	case "OWNERDOMAIN":
		if isDomain && a.Owner == "" {
			a.Owner = domain
		}
	case "MANAGERDOMAIN":
		who, country, _ := strings.Cut(value, ",")
		if domain, isDomain = Domain(strings.TrimSpace(who)); isDomain {
			if country = strings.ToUpper(strings.TrimSpace(country)); country != "" {
				domain += ", " + country
			}
			a.Managers = append(a.Managers, domain)
		}
	case "SUBDOMAIN":
		if isDomain {
			a.Subdomains = append(a.Subdomains, domain)
		}
	case "INVENTORYPARTNERDOMAIN":
		if isDomain {
			a.Partners = append(a.Partners, domain)
		}
	case "CONTACT":
		a.Contacts = append(a.Contacts, value)
		return true
	default:
		return plain(name) && value != "" // a variable of a later version
	}
	return isDomain
}

// plain says whether a text can be an id: of some length, and with nothing in
// it that a snapshot file uses to separate.
func plain(text string) bool {
	if text == "" || len(text) > 256 {
		return false
	}
	for i := range len(text) {
		if text[i] < ' ' || text[i] == 0x7f {
			return false
		}
	}
	return true
}
