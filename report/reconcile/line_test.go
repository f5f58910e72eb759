package reconcile

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

func readAll(text string, columns map[string]string) (lines []Line, err error) {
	r, err := NewReader(strings.NewReader(text), columns)
	if err != nil {
		return nil, err
	}
	for {
		line, err := r.Next()
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return lines, err
		}
		lines = append(lines, line)
	}
}

func TestReadableReports(t *testing.T) {
	want := Line{Day: tuesday, LineItem: 7, Impressions: 1000 * event.OneImpression, counted: true, Amount: 1234567890, Currency: "EUR"}
	for name, text := range map[string]string{
		"plain":      "date,line_item_id,impressions,amount,currency\n2026-03-10,7,1000,1.23456789,EUR\n",
		"spelled":    "Date,Line Item ID,Impressions,Amount,Currency\r\n2026-03-10,7,1000,1.23456789,EUR\r\n",
		"camel":      "billingDate,lineItemId,Billed Impressions,Media-Cost,cur\n20260310,7,1000,1.234567890,eur",
		"semicolons": "day;line item id;imps;cost;currency\n2026/03/10; 7 ;1000;1.23456789;EUR\n\n;;;;\n",
		"tabs":       "currency\tspend\timps\tlineitem\tday\nEUR\t+1.23456789\t1000\t7\t2026-03-10 00:00:00\n",
		"quoted":     "\"date\",\"line_item_id\",\"impressions\",\"amount\",\"currency\",\"say \"\"hi\"\"\"\n\"2026-03-10\",\"7\",\"1000\",\"1.23456789\",\"EUR\",\"a, b\"\n",
		"BOM, total": "\xef\xbb\xbfdate,line_item_id,impressions,amount,currency\n2026-03-10,7,1000,1.23456789,EUR\nTotal,,,1.23\n",
		"a name too": "date,line item,line_item_id,impressions,amount,currency\n2026-03-10,Boots,7,1000,1.23456789,EUR\n",
		"two costs":  "date,line_item_id,impressions,billed,cost,currency\n2026-03-10,7,1000,1.23456789,9,EUR\n",
	} {
		lines, err := readAll(text, nil)
		if err != nil || len(lines) != 1 {
			t.Errorf("%s: %v, %v", name, lines, err)
			continue
		}
		got := lines[0]
		got.digest, got.decimals, got.ID, got.Number = [16]byte{}, 0, "", 0
		if got != want {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
	lines, err := readAll("when,what,how much\n2026-03-10,7,-0.000000001\n", map[string]string{"date": "When", "line_item_id": "what", "amount": "how_much"})
	if err != nil || len(lines) != 1 || lines[0].Amount != -money.Nano || lines[0].LineItem != 7 || lines[0].decimals != 9 {
		t.Errorf("columns that are given: %+v, %v", lines, err)
	}
	lines, err = readAll("date,bid_id,amount\n2026-03-10,"+event.NewBidID(1, 2).String()+",1\n2026-03-10,x,1\n", nil)
	if err != nil || len(lines) != 2 || lines[0].Bid != event.NewBidID(1, 2) || lines[0].Impressions != event.OneImpression || lines[1].Bid != (event.BidID{}) || lines[1].ID != "bid x" {
		t.Errorf("bids: %+v, %v", lines, err)
	}
}

func TestUnreadableReports(t *testing.T) {
	const head = "date,line_item_id,impressions,amount,currency\n"
	for _, c := range []struct{ text, want string }{
		{"", "it is empty"},
		{"\n\n", "it is empty"},
		{"date,amount\n", "no column that says what was billed"},
		{"line_item_id,amount\n", "no column for the date"},
		{"date,line_item_id\n", "no column for the amount"},
		{"date,day,line_item_id,amount\n", `both columns "date" and "day" can be the date`},
		{"date,line_item_id,spend,cost\n", `both columns "spend" and "cost" can be the amount`},
		{"\xff\xfed\x00a\x00t\x00e\x00", "UTF-16"},
		{"date,\xff\n", "line 1: it is not UTF-8"},
		{"date,line_item_id,amount,\"x\n", "line 1: a quote does not end"},
		{head + "2026-03-10,7,1000,1.23\n", "line 2: 4 columns, the header has 5"},
		{head + "\n2026-03-10,7,1000,1.23,EUR,\n", "line 3: 6 columns, the header has 5"},
		{head + "03/10/2026,7,1000,1.23,EUR\n", `line 2: cannot read the date "03/10/2026"`},
		{head + "2026-02-30,7,1000,1.23,EUR\n", "line 2: cannot read the date"},
		{head + "1970-01-01,7,1000,1.23,EUR\n", "line 2: cannot read the date"},
		{head + ",7,1000,1.23,EUR\n", "line 2: cannot read the date"},
		{head + "2026-03-10,,1000,1.23,EUR\n", "line 2: nothing says what was billed: want a line_item_id"},
		{head + "2026-03-10,7,1000,,EUR\n", "line 2: cannot read amount"},
		{head + "2026-03-10,7,1000,\"1,23\",EUR\n", "want a number with a decimal point"},
		{head + "2026-03-10,7,1000,$1.23,EUR\n", "line 2: cannot read amount"},
		{head + "2026-03-10,7,1000,1.0000000001,EUR\n", "at most nine decimals"},
		{head + "2026-03-10,7,1000,1e3,EUR\n", `line 2: cannot read amount "1e3": write it out, without an exponent`},
		{head + "2026-03-10,7,1000,NaN,EUR\n", "line 2: cannot read amount"},
		{head + "2026-03-10,7,1000,9999999999999,EUR\n", "out of range"},
		{head + "2026-03-10,7,1.5e3,1,EUR\n", `line 2: cannot read the impressions "1.5e3"`},
		{head + "2026-03-10,7,9999999999999999,1,EUR\n", "line 2: cannot read the impressions"},
		{head + "2026-03-10,7,1000,1,Euro\n", "line 2: cannot read the currency"},
		{head + "2026-03-10,7,1000,1,\"EUR\"x\n", "line 2: text follows a quoted field"},
		{head + "2026-03-10,7,10\"00,1,EUR\n", "line 2: a quote within a field"},
		{head + "2026-03-10,7,1000,1,\"EUR\n2026-03-10,7,1000,1,EUR\n", "line 2: a quote does not end"},
		{head + strings.Repeat("x", maxLine+1) + "\n", "line 2 is longer than 65536 bytes"},
	} {
		if _, err := readAll(c.text, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.120q: %v\nwant %s", c.text, err, c.want)
		}
	}
	for column, name := range map[string]string{"amount": "net", "price": "amount"} {
		if _, err := readAll("date,line_item_id,amount\n", map[string]string{column: name}); err == nil {
			t.Errorf("column %s=%s was taken", column, name)
		}
	}
}

// FuzzReader reads anything. What it takes, a CSV reader of another making
// splits into the same fields.
func FuzzReader(f *testing.F) {
	for _, s := range []string{
		"date,line_item_id,impressions,amount,currency\n2026-03-10,7,1000,1.23456789,EUR\n",
		"day;crid;cost\n20260310;\"a;\"\"b\";0.1\r\ntotal;;\n",
		"date\tbid_id\tamount\n2026-03-10\t000000000000000100000000000000ff\t-1\n",
		"date,cid,spend\n2026-03-10,\"1\n2\",1\n",
		"\xef\xbb\xbfdate,cid,spend\n,,\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := NewReader(strings.NewReader(string(file)), nil)
		if err != nil {
			return
		}
		for {
			line, err := r.Next()
			var bad *LineError
			if errors.As(err, &bad) {
				continue
			}
			if err != nil {
				return
			}
			if line.Day < 20000101 || line.Day > 20991231 || line.ID == "" || line.Amount > money.Cap || line.Amount < -money.Cap ||
				line.LineItem < 0 || line.Creative < 0 || line.Campaign < 0 || len(line.Currency) > 3 || line.decimals > 9 {
				t.Fatalf("read %+v", line)
			}
		}
	})
}

// FuzzSplit splits any line as the standard library does.
func FuzzSplit(f *testing.F) {
	for _, s := range []string{`a,b,c`, `"a","b""c",`, `,,`, `"a"b,c`, `a"b`, `"`, `""`, `""""`, ` "a"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if strings.ContainsAny(line, "\r\n") || len(strings.TrimSpace(line)) == 0 {
			return
		}
		r := rows{comma: ','}
		got, err := r.split([]byte(line))
		c := csv.NewReader(strings.NewReader(line))
		want, wantErr := c.Read()
		if err != nil {
			if wantErr == nil && !strings.Contains(err.Error(), "UTF-8") {
				t.Fatalf("%q: %v, want %q", line, err, want)
			}
			return
		}
		if wantErr != nil || len(got) != len(want) {
			t.Fatalf("%q: %q, want %q, %v", line, got, want, wantErr)
		}
		for i := range got {
			if string(got[i]) != strings.TrimSpace(want[i]) {
				t.Fatalf("%q: %q, want %q", line, got, want)
			}
		}
	})
}
