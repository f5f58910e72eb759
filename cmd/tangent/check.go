package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/openrtb"
)

type checkCmd struct {
	Files    []string `arg:"" optional:"" help:"Bid requests, one per file, or one per line in files that end in .jsonl or .ndjson. '-' or none: one per line, or one in all, on standard input."`
	VendorID int      `name:"vendor-id" help:"Our id on the IAB's Global Vendor List, for what consent allows."`
	JSON     bool     `name:"json" help:"Print a JSON object per request."`
}

// finding is what check says of one request. It never holds a user id.
type finding struct {
	Source  string   `json:"source"`
	Usable  bool     `json:"usable"`
	Reason  string   `json:"reason,omitempty"` // of openrtb's table
	Problem string   `json:"problem,omitempty"`
	ID      string   `json:"id,omitempty"`
	On      string   `json:"on,omitempty"` // site or app
	Imps    []impSay `json:"imps,omitempty"`
	User    string   `json:"user,omitempty"`
	Consent string   `json:"consent,omitempty"`
	Uses    []useSay `json:"uses,omitempty"` // refused, of a request that permits others
	Unread  int      `json:"unread_fields,omitempty"`
}

type useSay struct {
	Use     string `json:"use"`
	Refused string `json:"refused"`
}

type impSay struct {
	Formats []string `json:"formats"`
	Sizes   []string `json:"sizes,omitempty"`
	Floor   string   `json:"floor,omitempty"`
	Deals   int      `json:"deals,omitempty"`
	Private bool     `json:"private_auction,omitempty"`
	Secure  bool     `json:"secure,omitempty"`
	NoBid   string   `json:"no_bid,omitempty"` // the reason, where no campaign can change it
}

// maxCheckFile bounds what check reads of one file.
const maxCheckFile = 64 << 20

func (c *checkCmd) Run(s streams) error {
	gate, err := audience.NewGate(audience.GateConfig{VendorID: c.VendorID})
	if err != nil {
		return err
	}
	ck := checker{decoder: openrtb.NewDecoder(openrtb.DefaultLimits()), gate: gate, out: s.out, json: c.JSON, samples: newSamples()}
	if len(c.Files) == 0 {
		c.Files = []string{"-"}
	}
	for _, name := range c.Files {
		if err := ck.file(name, s.in); err != nil {
			return err
		}
	}
	if ck.total == 0 {
		return errors.New("there is no bid request to check")
	}
	if ck.total-ck.unusable > 0 {
		if err := ck.suggest(); err != nil {
			return err
		}
	}
	if ck.unusable > 0 {
		return fmt.Errorf("%d of %d requests cannot be used", ck.unusable, ck.total)
	}
	return nil
}

type checker struct {
	decoder         *openrtb.Decoder
	gate            *audience.Gate
	out             io.Writer
	json            bool
	samples         *samples
	total, unusable int
}

func (c *checker) file(name string, stdin io.Reader) error {
	in, source := stdin, "stdin"
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return fmt.Errorf("cannot read requests: %w", err)
		}
		defer f.Close()
		in, source = f, name
	}
	body, err := io.ReadAll(io.LimitReader(in, maxCheckFile+1))
	if err != nil {
		return fmt.Errorf("cannot read requests from %s: %w", source, err)
	}
	if len(body) > maxCheckFile {
		return fmt.Errorf("cannot read requests from %s: more than %d MiB; split it", source, maxCheckFile>>20)
	}
	lines := strings.HasSuffix(name, ".jsonl") || strings.HasSuffix(name, ".ndjson") || name == "-" && !json.Valid(body)
	if !lines {
		return c.say(c.look(source, body))
	}
	scan := bufio.NewScanner(bytes.NewReader(body))
	scan.Buffer(nil, maxCheckFile)
	for n := 1; scan.Scan(); n++ {
		if len(bytes.TrimSpace(scan.Bytes())) == 0 {
			continue
		}
		if err := c.say(c.look(fmt.Sprintf("%s:%d", source, n), scan.Bytes())); err != nil {
			return err
		}
	}
	return scan.Err()
}

func (c *checker) look(source string, body []byte) finding {
	f := finding{Source: source}
	r, err := c.decoder.Decode(body)
	if err != nil {
		f.Reason, f.Problem = openrtb.Malformed.String(), err.Error()
		var bad *openrtb.DecodeError
		if errors.As(err, &bad) {
			f.Reason = bad.Reason.String()
			f.Problem = fmt.Sprintf("%s, at byte %d", bad.Msg, bad.Offset)
		}
		return f
	}
	defer r.Release()
	f.ID, f.Unread = string(r.ID), r.Unread
	f.On = publication(r)
	f.User, f.Consent = "none", "refused"
	if r.HasUserID() {
		f.User = "id"
	}
	answer := c.gate.Explain(&r.Consent, r.Device.Country)
	if answer.Permit().Granted() {
		f.Consent = "given"
		for _, u := range audience.Uses() {
			if why := answer.Why(u); why != "" {
				f.Uses = append(f.Uses, useSay{u.String(), why})
			}
		}
	} else {
		f.Consent = "refused: " + answer.Why(audience.SelectAds)
	}
	f.Usable = len(r.Imps) > 0
	if !f.Usable {
		f.Reason, f.Problem = openrtb.NoImps.String(), openrtb.NoImps.Info().Doc
	}
	for i := range r.Imps {
		f.Imps = append(f.Imps, lookAtImp(&r.Imps[i]))
	}
	if f.Usable {
		c.samples.add(body, r, &f)
	}
	return f
}

// suggest says which settings the requests suggest.
func (c *checker) suggest() error {
	g := c.samples.suggest()
	if c.json {
		return json.NewEncoder(c.out).Encode(map[string]suggestion{"suggests": g})
	}
	_, err := fmt.Fprintln(c.out, g.line())
	return err
}

// certain returns why an imp gets no bid whatever the campaigns are.
func certain(imp *openrtb.Imp) openrtb.Reason {
	switch {
	case imp.Banner == nil && imp.Video == nil && imp.Audio == nil && imp.Native == nil:
		return openrtb.NoFormat
	case imp.FloorBad:
		return openrtb.FloorUnreadable
	case imp.BlocksBad:
		return openrtb.BlocksUnreadable
	case imp.PrivateAuction && len(imp.Deals) == 0:
		return openrtb.DealsOnly
	}
	return openrtb.None
}

func publication(r *openrtb.Request) string {
	name := func(kind string, p *openrtb.Publication) string {
		for _, n := range [][]byte{p.Domain, p.Bundle, p.ID} {
			if len(n) > 0 {
				return kind + " " + string(n)
			}
		}
		return kind
	}
	switch {
	case r.App != nil:
		return name("app", r.App)
	case r.Site != nil:
		return name("site", r.Site)
	}
	return "neither site nor app"
}

func lookAtImp(imp *openrtb.Imp) impSay {
	say := impSay{Formats: []string{}, Deals: len(imp.Deals), Private: imp.PrivateAuction, Secure: imp.Secure}
	if why := certain(imp); why != openrtb.None {
		say.NoBid = why.String()
	}
	if imp.Banner != nil {
		say.Formats = append(say.Formats, "banner")
		for _, z := range imp.Banner.Sizes {
			say.Sizes = append(say.Sizes, fmt.Sprintf("%dx%d", z.W, z.H))
		}
	}
	for _, f := range []struct {
		has  bool
		name string
	}{{imp.Video != nil, "video"}, {imp.Native != nil, "native"}, {imp.Audio != nil, "audio"}} {
		if f.has {
			say.Formats = append(say.Formats, f.name)
		}
	}
	switch currency := string(imp.FloorCurrency); {
	case imp.FloorBad:
		say.Floor = "unreadable"
	case imp.Floor > 0:
		if currency == "" {
			currency = "USD"
		}
		say.Floor = string(imp.Floor.AppendCPM(nil)) + " " + currency
	}
	return say
}

func (c *checker) say(f finding) error {
	c.total++
	if !f.Usable {
		c.unusable++
	}
	if c.json {
		return json.NewEncoder(c.out).Encode(f)
	}
	_, err := fmt.Fprintln(c.out, f.line())
	return err
}

func (f *finding) line() string {
	var b strings.Builder
	if !f.Usable {
		fmt.Fprintf(&b, "%s: cannot be used: %s: %s", f.Source, f.Reason, f.Problem)
		return b.String()
	}
	fmt.Fprintf(&b, "%s: %s", f.Source, f.On)
	for _, imp := range f.Imps {
		formats := strings.Join(imp.Formats, "+")
		if formats == "" {
			formats = "no format"
		}
		fmt.Fprintf(&b, "; imp %s", formats)
		if len(imp.Sizes) > 0 {
			fmt.Fprintf(&b, " %s", strings.Join(imp.Sizes, ","))
		}
		if imp.Floor != "" {
			fmt.Fprintf(&b, " floor %s", imp.Floor)
		}
		if imp.Deals > 0 {
			fmt.Fprintf(&b, " deals %d", imp.Deals)
		}
		if imp.Private {
			b.WriteString(" private auction")
		}
		if imp.Secure {
			b.WriteString(" secure")
		}
		if imp.NoBid != "" {
			fmt.Fprintf(&b, " no bid: %s", imp.NoBid)
		}
	}
	fmt.Fprintf(&b, "; user %s; consent %s", f.User, f.Consent)
	for i, u := range f.Uses {
		if i == 0 {
			b.WriteString(", but not for")
		} else {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, " %s (%s)", u.Use, u.Refused)
	}
	if f.Unread > 0 {
		fmt.Fprintf(&b, "; %d fields not readable", f.Unread)
	}
	return b.String()
}
