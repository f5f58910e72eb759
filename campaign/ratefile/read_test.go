package ratefile

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
)

const bank = `<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<gesmes:subject>Reference rates</gesmes:subject><gesmes:Sender><gesmes:name>Example Bank</gesmes:name></gesmes:Sender>
<Cube><Cube time='2026-12-02'><Cube currency='USD' rate='1.0850'/><Cube currency='JPY' rate='162.35'/></Cube>
<Cube time='2026-12-01'><Cube currency='USD' rate='1.08'/></Cube></Cube></gesmes:Envelope>`

const table = "source,effective_from,base,currency,rate\nExample Bank,2026-12-02,EUR,USD,1.0850\n" +
	"Example Bank,2026-12-01T00:00:00Z,EUR,USD,1.08\nExample Bank,2026-12-02,EUR,JPY,162.35\n"

// Both forms state the same, oldest first.
func TestRead(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 12, n, 0, 0, 0, 0, time.UTC) }
	want := []campaign.RateTable{
		{Source: "Example Bank", Base: "EUR", Start: day(1), Quotes: []campaign.Quote{{Currency: "USD", Units: 1_080_000_000_000}}},
		{Source: "Example Bank", Base: "EUR", Start: day(2), Quotes: []campaign.Quote{{Currency: "JPY", Units: 162_350_000_000_000}, {Currency: "USD", Units: 1_085_000_000_000}}},
	}
	for name, text := range map[string]string{"XML": bank, "CSV": table, "CSV with a byte order mark": "\ufeff" + table} {
		got, err := Read(strings.NewReader(text), "")
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for name, text := range map[string]string{
		"nothing": "", "a header alone": "effective_from,base,currency,rate\n", "no rate": "effective_from,base,currency\n2026-12-01,EUR,USD\n",
		"no source": "effective_from,base,currency,rate\n2026-12-01,EUR,USD,1.1\n", "twice": table + "Example Bank,2026-12-02,EUR,USD,1.1\n",
		"a rate that is none": strings.Replace(table, "1.0850", "N/A", 1), "more digits than we keep": strings.Replace(table, "1.0850", "1.0000000000001", 1),
		"a day that is none": strings.Replace(table, "2026-12-02", "02/12/2026", 1), "a short line": table + "x\n",
		"XML cut off": bank[:len(bank)-9], "XML of another kind": "<html/>", "XML, no rate": strings.Replace(bank, "162.35", "", 1),
		"XML, no day": strings.Replace(bank, "2026-12-02", "", 1), "lower case": strings.ReplaceAll(table, "USD", "usd"),
	} {
		if got, err := Read(strings.NewReader(text), ""); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(bank)
	f.Add(table)
	f.Fuzz(func(t *testing.T, text string) {
		all, err := Read(strings.NewReader(text), "x")
		if err == nil && len(all) == 0 {
			t.Fatal("no error and no rates")
		}
		for i := range all {
			if err := all[i].Validate(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
