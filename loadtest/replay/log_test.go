package replay

import (
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

func TestRead(t *testing.T) {
	for name, c := range map[string]struct {
		format, text string
		want         Auction // the last one
		n            int
		err          string
	}{
		"tabs, further columns":  {"click price value", "0\t20\t0.5\t3\n1\t30\t0.25\tx y\n", Auction{Click: true, Price: 30e6, Value: .25}, 2, ""},
		"commas, names":          {"price value", "price,pctr\n12.5,1e-3\n", Auction{Price: 12_500_000, Value: .001}, 1, ""},
		"spaces, remarks":        {"value - price", "# mine\n\n1 a 2\n", Auction{Price: 2e6, Value: 1}, 1, ""},
		"a column left out":      {"- value price", "a\t1\t2\n", Auction{Price: 2e6, Value: 1}, 1, ""},
		"an empty column":        {"- value price", "\t1\t2\n", Auction{Price: 2e6, Value: 1}, 1, ""},
		"time of day":            {"time price value", "09:30:00,1,1\n", Auction{Price: 1e6, Value: 1, At: 9*time.Hour + 30*time.Minute}, 1, ""},
		"time since 1970":        {"time price value", "86460 1 1\n", Auction{Price: 1e6, Value: 1, At: time.Minute}, 1, ""},
		"milliseconds":           {"time price value", "1700006400500 1 1\n", Auction{Price: 1e6, Value: 1, At: 500 * time.Millisecond}, 1, ""},
		"exchange and place":     {"price value exchange place", "1 1 a b\n", Auction{Price: 1e6, Value: 1, Exchange: 1 + event.ExchangeID(hash("a")%4095), Place: hash("b")}, 1, ""},
		"default, three columns": {"", "0\t20\t0.5\n", Auction{Price: 20e6, Value: .5}, 1, ""},
		"default, four columns":  {"", "click price pctr adx\n0 20 0.5 3\n", Auction{Price: 20e6, Value: .5, Exchange: 1 + event.ExchangeID(hash("3")%4095)}, 1, ""},
		"default, more columns":  {"", "0,20,0.5,3,x y\n", Auction{Price: 20e6, Value: .5}, 1, ""},
		"default, two columns":   {"", "0,20\n", Auction{}, 0, "line 1: 2 columns; the format names 3"},
		"no auctions":            {"price value", "\n", Auction{}, 0, "it has no auctions"},
		"too few columns":        {"click price value", "0 1 1\n0 1\n", Auction{}, 0, "line 2: 2 columns; the format names 3"},
		"price is no number":     {"price value", "1 1\nx 1\n", Auction{}, 0, `line 2: price "x"`},
		"price is below zero":    {"price value", "-1 1\n", Auction{}, 0, "line 1: price"},
		"value is no number":     {"price value", "1 NaN\n", Auction{}, 0, "line 1: value"},
		"value is below zero":    {"price value", "1 -2\n", Auction{}, 0, "line 1: value"},
		"time goes back":         {"time price value", "10:00,1,1\n09:00,1,1\n", Auction{}, 0, "line 2: its time is before"},
		"two lines of names":     {"price value", "price value\nfloor worth\n", Auction{}, 0, "line 2: price"},
		"click is no number":     {"click price value", "no 1 1\n", Auction{}, 0, "line 1: click"},
		"time is nothing known":  {"time price value", "noon 1 1\n", Auction{}, 0, "line 1: time"},
		"format: unknown column": {"price worth", "", Auction{}, 0, `no column is called "worth"`},
		"format: twice":          {"price price value", "", Auction{}, 0, "price stands there twice"},
		"format: no value":       {"click price", "", Auction{}, 0, "price and value are needed"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := ParseFormat(c.format)
			var l *Log
			if err == nil {
				l, err = Read("log", strings.NewReader(c.text), f)
			}
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("error %v; want %q", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := l.Auctions[len(l.Auctions)-1]; got != c.want || len(l.Auctions) != c.n {
				t.Errorf("%d auctions, the last %+v; want %d and %+v", len(l.Auctions), got, c.n, c.want)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add("click price value", "0\t20\t0.5\n")
	f.Add("", "0\t20\t0.5\t3\n0\t20\t0.5\n")
	f.Add("time - price value", "09:30,x,1,2\n")
	f.Fuzz(func(t *testing.T, format, text string) {
		columns, err := ParseFormat(format)
		if err != nil {
			return
		}
		l, err := Read("log", strings.NewReader(text), columns)
		if err != nil {
			return
		}
		for _, a := range l.Auctions {
			if !(a.Value >= 0) || a.Price < 0 || a.At < 0 || a.At >= day {
				t.Errorf("read %+v", a)
			}
		}
	})
}
