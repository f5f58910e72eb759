package openrtb

import (
	"bytes"
	"errors"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"pgregory.net/rapid"
)

// testKeyring returns a keyring of keys whose secrets are their ids repeated.
func testKeyring(t testing.TB, ids ...uint8) *Keyring {
	var keys []Key
	for _, id := range ids {
		keys = append(keys, Key{ID: id, Secret: bytes.Repeat([]byte{id}, SecretSize)})
	}
	k, err := NewKeyring(keys)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// fullToken has a different value in every field.
func fullToken() Token {
	t := Token{
		Bid:    event.NewBidID(7, 1234567),
		Issued: time.Date(2026, 12, 1, 22, 59, 59, 123e6, time.UTC), Exchange: 3, Imp: 2, AuctionType: 1,
		BillingEvent: event.KindBilling, Test: true,
		Advertiser: 11, Campaign: 222, LineItem: 3333, Creative: 44444,
		Price: 2_500_000, Currency: [3]byte{'E', 'U', 'R'}, RateID: 9, CostHeld: 2_600_000, Horizon: 45 * time.Minute,
		CatalogVersion: 100_001, MultiplierVersion: 200_002, PredictedValue: 3.25e6, Landscape: 77, Arm: 5, Deal: 88,
		UserKey: []byte("permitted key 17b"),
	}
	t.SetNodePeriods([]event.NodePeriod{{Node: 1}, {Node: 2, Period: 20261201}, {Node: 3}})
	return t
}

func drawToken(t *rapid.T) Token {
	u64 := rapid.Uint64()
	id := rapid.Int64()
	token := Token{
		Bid:      event.NewBidID(u64.Draw(t, "incarnation"), u64.Draw(t, "sequence")),
		Issued:   time.UnixMilli(rapid.Int64Range(0, 1<<45).Draw(t, "issued")).UTC(),
		Exchange: event.ExchangeID(id.Draw(t, "exchange")), Imp: rapid.Uint8().Draw(t, "imp"),
		AuctionType: rapid.Int().Draw(t, "at"), BillingEvent: event.Kind(rapid.Uint8().Draw(t, "kind")), Test: rapid.Bool().Draw(t, "test"),
		Advertiser: event.AdvertiserID(id.Draw(t, "advertiser")), Campaign: event.CampaignID(id.Draw(t, "campaign")),
		LineItem: event.LineItemID(id.Draw(t, "line item")), Creative: event.CreativeID(id.Draw(t, "creative")),
		Price: money.Nanos(id.Draw(t, "price")), RateID: rapid.Uint32().Draw(t, "rate"), CostHeld: money.Nanos(id.Draw(t, "held")),
		Currency:       [3]byte(rapid.SliceOfN(rapid.Byte(), 3, 3).Draw(t, "currency")),
		Horizon:        time.Duration(rapid.Int64Range(0, 1<<40).Draw(t, "horizon")) * time.Millisecond,
		CatalogVersion: u64.Draw(t, "catalog"), MultiplierVersion: u64.Draw(t, "multipliers"),
		PredictedValue: rapid.Float64().Draw(t, "value"), Landscape: u64.Draw(t, "landscape"),
		Arm: rapid.Uint16().Draw(t, "arm"), Deal: u64.Draw(t, "deal"), Quantity: Quantity(rapid.SampledFrom([]uint64{0, 1, 14_200_000, 1e12}).Draw(t, "quantity")),
	}
	if key := rapid.SliceOfN(rapid.Byte(), 0, MaxUserKey).Draw(t, "user key"); len(key) > 0 {
		token.UserKey = key
	}
	for range rapid.IntRange(0, MaxNodes).Draw(t, "nodes") {
		token.Nodes[token.NodeCount] = event.NodePeriod{Node: event.NodeID(id.Draw(t, "node")), Period: event.Period(rapid.Int32().Draw(t, "period"))}
		token.NodeCount++
	}
	return token
}

func TestTokensOpenToWhatWasSealed(t *testing.T) {
	k := testKeyring(t, 1)
	rapid.Check(t, func(t *rapid.T) {
		sealed := drawToken(t)
		p := Purpose(rapid.IntRange(int(ForBilling), int(purposes)-1).Draw(t, "purpose"))
		if p == ForConversion {
			sealed.Clicked = time.UnixMilli(rapid.Int64Range(0, 1<<48-1).Draw(t, "clicked")).UTC()
		}
		text := k.Seal([]byte("x"), p, &sealed)[1:]
		var opened Token
		if err := k.Open(p, text, &opened); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(opened, sealed) {
			t.Fatalf("got %+v, want %+v", opened, sealed)
		}
		if i := bytes.IndexFunc(text, func(r rune) bool {
			return !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", r)
		}); i >= 0 {
			t.Fatalf("%q is not safe in a URL", text)
		}
	})
}

// One bid may be clicked twice: the clicks differ in the nonce, and so nowhere
// is one key stream used for two contents.
func TestClicksOfOneBidHaveTheirOwnNonces(t *testing.T) {
	k := testKeyring(t, 1)
	token := fullToken()
	seal := func(at time.Time) []byte {
		token.Clicked = at
		raw, err := tokenText.DecodeString(string(k.Seal(nil, ForConversion, &token)))
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	at := token.Issued.Add(time.Second)
	first, again, second := seal(at), seal(at), seal(at.Add(time.Millisecond))
	if !bytes.Equal(first, again) {
		t.Error("the same click has two texts")
	}
	size := headerOf(ForConversion)
	if bytes.Equal(first[:size], second[:size]) || bytes.Equal(first[size:size+32], second[size:size+32]) {
		t.Error("two clicks share a nonce")
	}
	first[size-1]++ // the time of the click is authenticated
	var opened Token
	if err := k.Open(ForConversion, []byte(tokenText.EncodeToString(first)), &opened); !errors.Is(err, ErrToken) {
		t.Errorf("a click with another time opens: %v", err)
	}
}

func TestTokenOfTheLargestValuesFits(t *testing.T) {
	token := Token{
		Issued: time.UnixMilli(math.MinInt64 / 2), Exchange: -1, AuctionType: -1, Advertiser: -1, Campaign: -1, LineItem: -1, Creative: -1,
		NodeCount: MaxNodes, Price: -1, RateID: math.MaxUint32, CostHeld: -1, Horizon: -1 * time.Hour, CatalogVersion: math.MaxUint64,
		MultiplierVersion: math.MaxUint64, Landscape: math.MaxUint64, Arm: math.MaxUint16, Deal: math.MaxUint64, Quantity: math.MaxUint64, UserKey: make([]byte, MaxUserKey),
	}
	for i := range token.Nodes {
		token.Nodes[i] = event.NodePeriod{Node: -1, Period: -1}
	}
	if n := len(token.appendPayload(nil)); n > maxPayload {
		t.Fatalf("%d bytes, room for %d", n, maxPayload)
	}
}

func TestTokensThatAreNotOurs(t *testing.T) {
	ours := testKeyring(t, 1)
	token := fullToken()
	text := ours.Seal(nil, ForBilling, &token)
	refused := func(name string, k *Keyring, p Purpose, text []byte) {
		t.Helper()
		var opened Token
		if err := k.Open(p, text, &opened); !errors.Is(err, ErrToken) || err.Error() != ErrToken.Error() {
			t.Errorf("%s: got %v, want ErrToken", name, err)
		}
		if !reflect.DeepEqual(opened, Token{}) {
			t.Errorf("%s: something was opened: %+v", name, opened)
		}
	}
	for i := range text {
		refused("truncated", ours, ForBilling, text[:i])
		for bit := range 8 {
			flipped := bytes.Clone(text)
			flipped[i] ^= 1 << bit
			refused("bit flipped", ours, ForBilling, flipped)
		}
	}
	for _, p := range []Purpose{0, ForView, ForClick, ForConversion, ForAuction, purposes, 255} {
		refused("another purpose", ours, p, text)
	}
	refused("extended", ours, ForBilling, append(bytes.Clone(text), 'A'))
	refused("with a line break", ours, ForBilling, append(append(bytes.Clone(text[:10]), '\n'), text[10:]...))
	refused("padded", ours, ForBilling, append(bytes.Clone(text), '='))
	refused("very long", ours, ForBilling, bytes.Repeat(text, 1000))
	refused("a key id that we do not have", testKeyring(t, 2), ForBilling, text)
	foreign, err := NewKeyring([]Key{{ID: 1, Secret: bytes.Repeat([]byte{99}, SecretSize)}})
	if err != nil {
		t.Fatal(err)
	}
	refused("a foreign key with our id", foreign, ForBilling, text)

	raw, err := tokenText.DecodeString(string(text))
	if err != nil {
		t.Fatal(err)
	}
	raw[0]++
	refused("another version", ours, ForBilling, tokenText.AppendEncode(nil, raw))
}

func TestKeysRotate(t *testing.T) {
	token := fullToken()
	old, both, next := testKeyring(t, 1), testKeyring(t, 2, 1), testKeyring(t, 2)
	var opened Token
	if err := both.Open(ForView, old.Seal(nil, ForView, &token), &opened); err != nil {
		t.Errorf("given a token of the old key, when both keys are there: %v", err)
	}
	text := both.Seal(nil, ForView, &token)
	if err := next.Open(ForView, text, &opened); err != nil {
		t.Errorf("given a token of both keys, when the first is left: %v", err)
	}
	if err := old.Open(ForView, text, &opened); err == nil {
		t.Error("given a token of both keys, the second has sealed it")
	}
}

func TestNewKeyringRefuses(t *testing.T) {
	good := make([]byte, SecretSize)
	for name, keys := range map[string][]Key{
		"no keys":           nil,
		"a short secret":    {{ID: 1, Secret: good[1:]}},
		"the same id twice": {{ID: 1, Secret: good}, {ID: 1, Secret: good}},
	} {
		if _, err := NewKeyring(keys); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestTokenOfFiveBudgetsGolden holds that a budget more, which versions before
// the advertiser's balance did not know, changed nothing else: no new version.
func TestTokenOfFiveBudgetsGolden(t *testing.T) {
	k, token := testKeyring(t, 1), fullToken()
	for token.NodeCount < MaxNodes {
		token.Nodes[token.NodeCount] = event.NodePeriod{Node: event.NodeID(90 + token.NodeCount), Period: event.Lifetime}
		token.NodeCount++
	}
	golden, err := os.ReadFile("testdata/token_v1_five_budgets.txt")
	if err != nil {
		t.Fatal(err)
	}
	golden = bytes.TrimSpace(golden)
	if text := k.Seal(nil, ForBilling, &token); !bytes.Equal(text, golden) {
		t.Errorf("seals to\n%s\nwant\n%s", text, golden)
	}
	var opened Token
	if err := k.Open(ForBilling, golden, &opened); err != nil || !reflect.DeepEqual(opened, token) {
		t.Errorf("opens to %+v, %v", opened, err)
	}
}

// TestTokenGolden holds the wire format: tokens that are in the world must
// open after an upgrade. A new format is a new version with its own fixture;
// this one stays.
func TestTokenGolden(t *testing.T) {
	k, token := testKeyring(t, 1), fullToken()
	for file, p := range map[string]Purpose{"token_v1.txt": ForBilling, "token_v1_auction.txt": ForAuction} {
		golden, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		golden = bytes.TrimSpace(golden)
		if text := k.Seal(nil, p, &token); !bytes.Equal(text, golden) {
			t.Errorf("the %v token seals to\n%s\nwant\n%s", p, text, golden)
		}
		var opened Token
		if err := k.Open(p, golden, &opened); err != nil || !reflect.DeepEqual(opened, token) {
			t.Errorf("%s opens to %+v, %v", file, opened, err)
		}
	}
}

func TestSealAllocatesNothing(t *testing.T) {
	k, token := testKeyring(t, 1), fullToken()
	dst := make([]byte, 0, 512)
	if got := testing.AllocsPerRun(100, func() { dst = k.Seal(dst[:0], ForBilling, &token) }); got >= 1 && !raceEnabled {
		t.Errorf("Seal: %v allocations, want 0", got)
	}
	var opened Token
	if got := testing.AllocsPerRun(100, func() {
		if err := k.Open(ForBilling, dst, &opened); err != nil {
			t.Fatal(err)
		}
	}); got >= 2 && !raceEnabled {
		t.Errorf("Open: %v allocations, want 1: the user key", got)
	}
}

func TestSealPanicsOnWhatDoesNotFit(t *testing.T) {
	k := testKeyring(t, 1)
	for name, seal := range map[string]func(){
		"no purpose":   func() { k.Seal(nil, 0, &Token{}) },
		"a long key":   func() { k.Seal(nil, ForView, &Token{UserKey: make([]byte, MaxUserKey+1)}) },
		"a node more":  func() { k.Seal(nil, ForView, &Token{NodeCount: MaxNodes + 1}) },
		"a node fewer": func() { k.Seal(nil, ForView, &Token{NodeCount: -1}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: sealed", name)
				}
			}()
			seal()
		}()
	}
	if (&Token{}).SetNodePeriods(make([]event.NodePeriod, MaxNodes+1)) {
		t.Error("more nodes than there is room for")
	}
}
