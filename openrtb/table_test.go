package openrtb

import (
	"maps"
	"regexp"
	"slices"
	"testing"
)

var snakeCase = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

func TestReasonTable(t *testing.T) {
	names := map[string]Reason{}
	for _, r := range Reasons() {
		info := r.Info()
		if !snakeCase.MatchString(info.Name) || info.Doc == "" {
			t.Errorf("reason %d: name %q, doc %q", r, info.Name, info.Doc)
		}
		if other, ok := names[info.Name]; ok {
			t.Errorf("reasons %d and %d are both named %q", other, r, info.Name)
		}
		names[info.Name] = r
		// List "No-Bid Reason Codes": 0 to 17, and an exchange's own.
		if info.NBR < 0 || info.NBR > 17 {
			t.Errorf("%v: no-bid reason %d is not of the list", r, info.NBR)
		}
		if info.Scope >= ScopeLineItem && r.Remedy() == "" {
			t.Errorf("%v: nothing to do about it", r)
		}
		if info.Scope.String() == "" {
			t.Errorf("%v: no scope", r)
		}
	}
	if len(names) != int(reasonCount)-1 || Reason(255).String() != "none" {
		t.Errorf("%d names for %d reasons", len(names), reasonCount-1)
	}
}

func TestLossTable(t *testing.T) {
	names := map[string]bool{}
	for _, l := range append(slices.Collect(maps.Keys(losses)), exchangeLoss, -1) {
		info := l.Info()
		if !snakeCase.MatchString(info.Name) || info.Doc == "" || names[info.Name] {
			t.Errorf("loss reason %d: name %q, doc %q", l, info.Name, info.Doc)
		}
		names[info.Name] = true
	}
	if len(names) != len(losses)+2 {
		t.Errorf("%d names for %d codes", len(names), len(losses))
	}
}
