package usersync

import (
	"bytes"
	"strconv"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/openrtb"
)

// maxQuery is the longest query that is read: consent strings with many
// vendors take a few thousand characters.
const maxQuery = 8 << 10

// query is what the parameters of a sync say. All of it points into the
// request.
type query struct {
	uid     []byte // the exchange's id; empty when it sent none
	param   []byte // for the exchange, handed back as it came
	consent openrtb.Consent
	// As they came, to be handed on.
	gdpr, tcf, gpp, sections, usPrivacy []byte
	ok                                  bool
}

// readQuery reads the parameters: uid, param, gdpr, gdpr_consent, gpp, gpp_sid
// and us_privacy, the IAB's names, each once. gpc and dnt are the headers.
func readQuery(args *fasthttp.Args, gpc, dnt bool) (q query) {
	q.ok = true
	q.consent = openrtb.Consent{GDPR: -1, GPC: gpc, DNT: dnt}
	seen := map[string]bool{}
	for key, value := range args.All() {
		var to *[]byte
		switch string(key) {
		case "uid":
			to = &q.uid
		case "param":
			to = &q.param
		case "gdpr":
			to = &q.gdpr
		case "gdpr_consent":
			to = &q.tcf
		case "gpp":
			to = &q.gpp
		case "gpp_sid":
			to = &q.sections
		case "us_privacy":
			to = &q.usPrivacy
		default:
			continue
		}
		if seen[string(key)] { // whichever is meant
			q.ok = false
			return q
		}
		seen[string(key)] = true
		if !unexpanded(value) {
			*to = value
		} else if string(key) != "uid" && string(key) != "param" {
			q.consent.Unreadable = true // there is a signal, and nobody knows which
		}
	}
	c := &q.consent
	c.TCF, c.USPrivacy, c.GPP = q.tcf, q.usPrivacy, q.gpp
	switch string(q.gdpr) {
	case "":
	case "0":
		c.GDPR = 0
	case "1":
		c.GDPR = 1
	default:
		c.Unreadable = true
	}
	for _, text := range bytes.FieldsFunc(q.sections, func(r rune) bool { return r == ',' || r == '_' }) {
		n, err := strconv.Atoi(string(text))
		if err != nil || len(c.GPPSections) == 32 {
			c.Unreadable = true
			break
		}
		c.GPPSections = append(c.GPPSections, n)
	}
	q.ok = len(q.param) <= maxParam && (len(q.uid) == 0 || validUID(q.uid))
	return q
}

const (
	maxUID   = 256 // characters of an exchange's id
	maxParam = 512
)

// validUID says whether an exchange's id can be one: printable ASCII without
// spaces. It is hashed and goes nowhere, so that nothing needs more.
func validUID(uid []byte) bool {
	if len(uid) == 0 || len(uid) > maxUID || unexpanded(uid) {
		return false
	}
	for _, c := range uid {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}

// unexpanded says whether a value is a macro that nobody filled in: ${UID},
// {uid}, [UID], %%UID%%, $UID. Everybody's would be the same.
func unexpanded(v []byte) bool {
	if len(v) < 2 {
		return false
	}
	first, last := v[0], v[len(v)-1]
	return first == '$' || first == '{' && last == '}' || first == '[' && last == ']' || first == '%' && last == '%'
}
