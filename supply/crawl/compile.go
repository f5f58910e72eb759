package crawl

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tangent-dsp/tangent/supply"
)

// AppOf names an app and its developer's domain.
type AppOf struct{ Bundle, Developer string }

// maxSubdomains is how many subdomains of a domain are asked.
const maxSubdomains = 100

// subdomains returns the subdomains that have files of their own.
func subdomains(domain string, a *supply.AdsTxt) (list []string) {
	for _, d := range a.Subdomains {
		if strings.HasSuffix(d, "."+domain) && !slices.Contains(list, d) && len(list) < maxSubdomains {
			list = append(list, d)
		}
	}
	return list
}

// Snapshot makes the snapshot file out of the documents that are kept, and
// replaces it as a whole. What could not be fetched for a week is left out.
func (f *Crawler) Snapshot(path string, wants []Want, apps []AppOf, only []string) (err error) {
	out, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return fmt.Errorf("cannot write the supply snapshot: %w", err)
	}
	defer func() {
		if err != nil {
			out.Close()
			os.Remove(out.Name())
		}
	}()
	c := compiler{f: f, w: supply.NewWriter(out, f.cfg.Clock.Now(), only), done: map[Want]bool{}}
	for _, want := range wants { // before what they name, of which only the publisher's own words count
		c.done[want] = true
	}
	for _, want := range wants {
		if err = c.write(want, true); err != nil {
			return err
		}
	}
	for _, a := range apps {
		c.w.Bundle(a.Bundle, a.Developer)
	}
	if err = c.w.Close(); err != nil {
		return err
	}
	if err = out.Chmod(0o644); err == nil { // bidders run as somebody else
		err = out.Sync()
	}
	if err == nil {
		err = out.Close()
	}
	if err == nil {
		err = os.Rename(out.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("cannot write the supply snapshot: %w", err)
	}
	return nil
}

type compiler struct {
	f    *Crawler
	w    *supply.Writer
	done map[Want]bool
}

// write writes a document, and where it may name others, those.
func (c *compiler) write(w Want, names bool) error {
	e, err := c.f.cache.read(w.Kind, w.Domain)
	if err != nil {
		return err
	}
	if e.Fetched.IsZero() || e.None || c.f.cfg.Clock.Now().Sub(e.Fetched) > keep {
		return nil
	}
	if w.Kind == Sellers {
		c.w.Sellers(w.Domain)
		scan := bufio.NewScanner(bytes.NewReader(e.body))
		for scan.Scan() {
			c.w.Seller(scan.Text())
		}
		return scan.Err()
	}
	a := supply.ParseAdsTxt(e.body)
	if w.Kind == Site {
		c.w.Site(w.Domain, &a)
	} else {
		c.w.App(w.Domain, &a)
	}
	if !names {
		return nil
	}
	for _, d := range append(subdomains(w.Domain, &a), a.Partners...) {
		if next := (Want{w.Kind, d}); !c.done[next] {
			c.done[next] = true
			if err := c.write(next, false); err != nil {
				return err
			}
		}
	}
	return nil
}
