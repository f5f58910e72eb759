package loadtest

import "time"

// privacy is what a request says about consent.
type privacy struct {
	coppa bool
	gdpr  int    // 1 applies, 0 does not, -1 not said
	tcf   string // consent string, empty for none
	us    string // US privacy string, empty for none
}

// consents is the consent strings that users have.
type consents struct{ all, someone, none string }

func newConsents(vendor int, made time.Time) consents {
	return consents{
		all:     tcf(10, vendor, true, made),
		someone: tcf(10, vendor, false, made), // to others, not to us
		none:    tcf(0, vendor, false, made),
	}
}

// of returns a user's signals. They are the user's own: the same in every
// request.
func (c *consents) of(u *user, p *publication) privacy {
	s := privacy{gdpr: -1, coppa: p.kids && share(mix(u.hash^9)) < .5}
	choice := share(mix(u.hash ^ 10))
	switch {
	case u.country.gdpr:
		s.gdpr = 1
		switch {
		case choice < .72:
			s.tcf = c.all
		case choice < .80:
			s.tcf = c.someone
		case choice < .90:
			s.tcf = c.none
		}
	case u.country.code == "USA":
		s.gdpr = 0
		switch {
		case choice < .60:
			s.us = "1YNN"
		case choice < .67:
			s.us = "1YYN"
		case choice < .75:
			s.us = "1---"
		}
	case choice < .5:
		s.gdpr = 0
	}
	return s
}

// appendRegs appends the regs field with a comma before it, or nothing. 2.5
// has all but coppa in extensions.
func (s *privacy) appendRegs(b []byte, version string) []byte {
	if !s.coppa && s.gdpr < 0 && s.us == "" {
		return b
	}
	b = append(b, `,"regs":{"coppa":`...)
	b = appendFlag(b, s.coppa)
	old := version == "2.5"
	if old {
		b = append(b, `,"ext":{"sim":1`...) // a field that nobody knows, to be ignored
	}
	if s.gdpr >= 0 {
		b = append(b, `,"gdpr":`...)
		b = appendFlag(b, s.gdpr == 1)
	}
	if s.us != "" {
		b = append(b, `,"us_privacy":"`...)
		b = append(append(b, s.us...), '"')
	}
	if old {
		b = append(b, '}')
	}
	return append(b, '}')
}

// appendConsent appends user.consent, or its place in 2.5, with a comma
// before it, or nothing.
func (s *privacy) appendConsent(b []byte, version string) []byte {
	if s.tcf == "" {
		return b
	}
	if version == "2.5" {
		b = append(b, `,"ext":{"consent":"`...)
		return append(append(b, s.tcf...), `"}`...)
	}
	b = append(b, `,"consent":"`...)
	return append(append(b, s.tcf...), '"')
}

func appendFlag(b []byte, set bool) []byte {
	if set {
		return append(b, '1')
	}
	return append(b, '0')
}
