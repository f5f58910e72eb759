package campaign

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// wrong is a change to a valid thing and the fields that it makes wrong.
type wrong[T any] struct {
	name   string
	change func(*T)
	fields []string
}

func fields(names ...string) []string { return names }

// checkWrong wants the sample to be valid, and each change to it to be
// reported under its fields alone.
func checkWrong[T any](t *testing.T, sample func() T, validate func(*T) error, cases []wrong[T]) {
	t.Helper()
	valid := sample()
	if err := validate(&valid); err != nil {
		t.Fatalf("the sample: %v", err)
	}
	for _, c := range cases {
		v := sample()
		c.change(&v)
		var got []string
		var p Problems
		if err := validate(&v); errors.As(err, &p) {
			for _, q := range p {
				got = append(got, q.Field)
				if !strings.HasPrefix(q.Message, "must ") {
					t.Errorf("%s: %s %q does not say what is allowed", c.name, q.Field, q.Message)
				}
			}
		} else if err != nil {
			t.Errorf("%s: %v is not Problems", c.name, err)
		}
		if !slices.Equal(got, c.fields) {
			t.Errorf("%s: problems with %q, want %q", c.name, got, c.fields)
		}
	}
}

func TestAdvertiserValidation(t *testing.T) {
	checkWrong(t, sampleAdvertiser, (*Advertiser).Validate, []wrong[Advertiser]{
		{"umlauts", func(a *Advertiser) { a.Name = "Größe & Söhne" }, nil},
		{"longest name", func(a *Advertiser) { a.Name = strings.Repeat("ß", MaxName) }, nil},
		{"no name", func(a *Advertiser) { a.Name = "" }, fields("name")},
		{"long name", func(a *Advertiser) { a.Name = strings.Repeat("a", MaxName+1) }, fields("name")},
		{"huge name", func(a *Advertiser) { a.Name = strings.Repeat("a", 1<<20) }, fields("name")},
		{"spaces around", func(a *Advertiser) { a.Name = " a" }, fields("name")},
		{"invalid UTF-8", func(a *Advertiser) { a.Name = "a\xffb" }, fields("name")},
		{"replacement character", func(a *Advertiser) { a.Name = "a\ufffdb" }, fields("name")},
		{"line feed", func(a *Advertiser) { a.Name = "a\nb" }, fields("name")},
		{"right-to-left override", func(a *Advertiser) { a.Name = "a\u202eb" }, fields("name")},
		{"NUL", func(a *Advertiser) { a.Name = "a\x00b" }, fields("name")},
		{"negative id", func(a *Advertiser) { a.ID = -1 }, fields("id")},
		{"unknown status", func(a *Advertiser) { a.Status = "deleted" }, fields("status")},
		{"no zone", func(a *Advertiser) { a.TimeZone = "" }, fields("time_zone")},
		{"local zone", func(a *Advertiser) { a.TimeZone = "Local" }, fields("time_zone")},
		{"offset", func(a *Advertiser) { a.TimeZone = "+02:00" }, fields("time_zone")},
		{"zone outside", func(a *Advertiser) { a.TimeZone = "../../etc/passwd" }, fields("time_zone")},
		{"absolute zone", func(a *Advertiser) { a.TimeZone = "/etc/localtime" }, fields("time_zone")},
		{"lower case", func(a *Advertiser) { a.Currency = "eur" }, fields("currency")},
		{"symbol", func(a *Advertiser) { a.Currency = "€" }, fields("currency")},
		{"everything", func(a *Advertiser) { *a = Advertiser{} }, fields("name", "status", "time_zone", "currency")},
	})
}

func TestCampaignValidation(t *testing.T) {
	checkWrong(t, sampleCampaign, (*Campaign).Validate, []wrong[Campaign]{
		{"daily only", func(c *Campaign) { c.Budget.Lifetime = 0 }, nil},
		{"open flight", func(c *Campaign) { c.Flight = Flight{} }, nil},
		{"largest budget", func(c *Campaign) { c.Budget.Lifetime = money.Cap }, nil},
		{"no advertiser", func(c *Campaign) { c.AdvertiserID = 0 }, fields("advertiser_id")},
		{"no budget", func(c *Campaign) { c.Budget = Budget{} }, fields("budget")},
		{"negative", func(c *Campaign) { c.Budget.Daily = -1 }, fields("budget.daily")},
		{"above the cap", func(c *Campaign) { c.Budget.Lifetime = money.Cap + 1 }, fields("budget.lifetime")},
		{"ends before it starts", func(c *Campaign) { c.Flight.End = mustTime("2026-02-01") }, fields("flight.end")},
		{"ends as it starts", func(c *Campaign) { c.Flight.End = c.Flight.Start }, fields("flight.end")},
		{"too early", func(c *Campaign) { c.Flight.Start = mustTime("1999-12-31") }, fields("flight.start")},
		{"too late", func(c *Campaign) { c.Flight.End = mustTime("2200-01-01") }, fields("flight.end")},
	})
}

func TestLineItemValidation(t *testing.T) {
	checkWrong(t, sampleLineItem, (*LineItem).Validate, []wrong[LineItem]{
		{"CPM without click rate", func(l *LineItem) { l.Goal.Kind, l.ClickRate = CPM, 0 }, nil},
		{"data segments", func(l *LineItem) {
			l.Targeting.UserData = Only(DataSegment{Provider: "data.example.com", ID: "7"}, DataSegment{Taxonomy: 4, ID: "7", Value: "x"})
			l.Targeting.ContentData, l.Targeting.UserKeywords = l.Targeting.UserData, Only("running shoes")
		}, nil},
		{"a segment of nobody", func(l *LineItem) { l.Targeting.UserData = Only(DataSegment{ID: "7"}) }, fields("targeting.user_data.include[0]")},
		{"a segment without id", func(l *LineItem) { l.Targeting.ContentData.Exclude = []DataSegment{{Taxonomy: 4}} }, fields("targeting.content_data.exclude[0]")},
		{"a taxonomy below 0", func(l *LineItem) { l.Targeting.UserData = Only(DataSegment{Provider: "p", Taxonomy: -1, ID: "7"}) }, fields("targeting.user_data.include[0]")},
		{"a value with a line feed", func(l *LineItem) { l.Targeting.UserData = Only(DataSegment{Provider: "p", ID: "7", Value: "a\n"}) }, fields("targeting.user_data.include[0]")},
		{"a long user keyword", func(l *LineItem) { l.Targeting.UserKeywords = Only("a b c d e") }, fields("targeting.user_keywords.include[0]")},
		{"no targeting", func(l *LineItem) { l.Targeting = Targeting{} }, nil},
		{"smallest bid", func(l *LineItem) { l.MaxBidCPM = money.Micro }, nil},
		{"no campaign", func(l *LineItem) { l.CampaignID = 0 }, fields("campaign_id")},
		{"CPC without click rate", func(l *LineItem) { l.ClickRate = 0 }, fields("click_rate")},
		{"click rate above 1", func(l *LineItem) { l.ClickRate = 1.001 }, fields("click_rate")},
		{"negative click rate", func(l *LineItem) { l.ClickRate = -0.1 }, fields("click_rate")},
		{"NaN", func(l *LineItem) { l.ClickRate = math.NaN() }, fields("click_rate")},
		{"infinite", func(l *LineItem) { l.ClickRate = math.Inf(1) }, fields("click_rate")},
		{"goal unknown", func(l *LineItem) { l.Goal.Kind = "cpx" }, fields("goal.kind")},
		{"goal worth nothing", func(l *LineItem) { l.Goal.Amount = 0 }, fields("goal.amount")},
		{"goal above the cap", func(l *LineItem) { l.Goal.Amount = money.Cap + 1 }, fields("goal.amount")},
		{"no bid", func(l *LineItem) { l.MaxBidCPM = 0 }, fields("max_bid_cpm")},
		{"bid that impressions cannot state", func(l *LineItem) { l.MaxBidCPM = money.Micro + 1 }, fields("max_bid_cpm")},
		{"own budget negative", func(l *LineItem) { l.Budget.Lifetime = -1 }, fields("budget.lifetime")},
		{"exchange", func(l *LineItem) { l.Targeting.Exchanges.Include = []event.ExchangeID{1, 0} }, fields("targeting.exchanges.include[1]")},
		{"size", func(l *LineItem) { l.Targeting.Sizes.Exclude = []Size{{0, 20_000}} }, fields("targeting.sizes.exclude[0].w", "targeting.sizes.exclude[0].h")},
		{"country alpha-2", func(l *LineItem) { l.Targeting.Countries.Include[1] = "AT" }, fields("targeting.countries.include[1]")},
		{"no such country", func(l *LineItem) { l.Targeting.Countries.Exclude = []string{"XXX"} }, fields("targeting.countries.exclude[0]")},
		{"countries across a border", func(l *LineItem) { l.Targeting.Countries.Exclude = []string{"W A", "BW "} },
			fields("targeting.countries.exclude[0]", "targeting.countries.exclude[1]")},
		{"device type", func(l *LineItem) { l.Targeting.DeviceTypes = Only(0, 9) }, fields("targeting.device_types.include[0]", "targeting.device_types.include[1]")},
		{"site is a URL", func(l *LineItem) { l.Targeting.Sites.Include = []string{"https://example.com"} }, fields("targeting.sites.include[0]")},
		{"app with a space", func(l *LineItem) { l.Targeting.Apps.Exclude = []string{"com example"} }, fields("targeting.apps.exclude[0]")},
		{"segment", func(l *LineItem) { l.Targeting.Segments.Exclude = []event.SegmentID{0} }, fields("targeting.segments.exclude[0]")},
		{"too many segments", func(l *LineItem) { l.Targeting.Segments.Include = make([]event.SegmentID, MaxSegments+1) }, fields("targeting.segments.include")},
		{"daypart", func(l *LineItem) { l.Targeting.Dayparts = []Daypart{{From: -1, To: 25}} },
			fields("targeting.dayparts[0].days", "targeting.dayparts[0].from", "targeting.dayparts[0].to")},
		{"daypart over midnight", func(l *LineItem) { l.Targeting.Dayparts[0].From, l.Targeting.Dayparts[0].To = 22, 2 }, fields("targeting.dayparts[0].to")},
		{"eighth day", func(l *LineItem) { l.Targeting.Dayparts[0].Days = []time.Weekday{7} }, fields("targeting.dayparts[0].days[0]")},
		{"nine caps", func(l *LineItem) { l.FrequencyCaps = make([]FrequencyCap, MaxCaps+1) }, fields("frequency_caps")},
		{"cap", func(l *LineItem) { l.FrequencyCaps[0] = FrequencyCap{} },
			fields("frequency_caps[0].level", "frequency_caps[0].impressions", "frequency_caps[0].window_seconds")},
		{"window too short", func(l *LineItem) { l.FrequencyCaps[0].Window = MinCapWindow - time.Second }, fields("frequency_caps[0].window_seconds")},
		{"window too long", func(l *LineItem) { l.FrequencyCaps[0].Window = MaxCapWindow + time.Second }, fields("frequency_caps[0].window_seconds")},
		{"part of a second", func(l *LineItem) { l.FrequencyCaps[0].Window = MinCapWindow + 1 }, fields("frequency_caps[0].window_seconds")},
	})
}

func TestCreativeValidation(t *testing.T) {
	checkWrong(t, sampleCreative, (*Creative).Validate, []wrong[Creative]{
		{"largest markup", func(c *Creative) { c.Markup = strings.Repeat("m", MaxMarkup) }, nil},
		{"no line item", func(c *Creative) { c.LineItemID = 0 }, fields("line_item_id")},
		{"no size", func(c *Creative) { c.Size = Size{} }, fields("size.w", "size.h")},
		{"no markup", func(c *Creative) { c.Markup = "" }, fields("markup")},
		{"huge markup", func(c *Creative) { c.Markup = strings.Repeat("m", MaxMarkup+1) }, fields("markup")},
		{"markup of bytes", func(c *Creative) { c.Markup = "<a>\xff</a>" }, fields("markup")},
		{"NUL in markup", func(c *Creative) { c.Markup = "<a>\x00</a>" }, fields("markup")},
		{"no landing URL", func(c *Creative) { c.LandingURL = "" }, fields("landing_url")},
		{"no domains", func(c *Creative) { c.Domains = nil }, fields("domains")},
		{"many domains", func(c *Creative) { c.Domains = slices.Repeat([]string{"example.com"}, MaxDomains+1) }, fields("domains")},
		{"domain with a path", func(c *Creative) { c.Domains = []string{"example.com/shop"} }, fields("domains[0]")},
		{"category", func(c *Creative) { c.Categories = []string{"IAB1", "IAB27", "IAB1-0"} }, fields("categories[1]", "categories[2]")},
		{"attribute", func(c *Creative) { c.Attributes = []int{1, 0} }, fields("attributes[1]")},
	})
}

func TestExchangeValidation(t *testing.T) {
	checkWrong(t, sampleExchange, (*Exchange).Validate, []wrong[Exchange]{
		{"no seat", func(e *Exchange) { e.Seat = "" }, nil},
		{"shortest horizon", func(e *Exchange) { e.Horizon = e.WinDeadline }, nil},
		{"capitals", func(e *Exchange) { e.Name = "Example" }, fields("name")},
		{"slash", func(e *Exchange) { e.Name = "a/b" }, fields("name")},
		{"dash last", func(e *Exchange) { e.Name = "a-" }, fields("name")},
		{"long name", func(e *Exchange) { e.Name = strings.Repeat("a", 64) }, fields("name")},
		{"currency", func(e *Exchange) { e.Currency = "EURO" }, fields("currency")},
		{"billing event", func(e *Exchange) { e.BillingEvent = "click" }, fields("billing_event")},
		{"no bid", func(e *Exchange) { e.NoBid = "404" }, fields("no_bid")},
		{"no tmax", func(e *Exchange) { e.DefaultTMax = 0 }, fields("default_tmax_ms", "network_margin_ms")},
		{"margin takes all", func(e *Exchange) { e.NetworkMargin = e.DefaultTMax }, fields("network_margin_ms")},
		{"negative margin", func(e *Exchange) { e.NetworkMargin = -time.Millisecond }, fields("network_margin_ms")},
		{"part of a millisecond", func(e *Exchange) { e.DefaultTMax++ }, fields("default_tmax_ms")},
		{"horizon before deadline", func(e *Exchange) { e.Horizon = e.WinDeadline - time.Second }, fields("horizon_seconds")},
		{"endless horizon", func(e *Exchange) { e.Horizon = MaxHorizon + time.Second }, fields("horizon_seconds")},
		{"endless deadline", func(e *Exchange) { e.WinDeadline = MaxWinDeadline + time.Second }, fields("win_deadline_seconds", "horizon_seconds")},
	})
}

func TestProblemsAreBounded(t *testing.T) {
	li := sampleLineItem()
	li.Targeting.Sites.Include = make([]string, MaxSites) // all of them wrong
	err := li.Validate()
	var p Problems
	if !errors.As(err, &p) || len(p) != MaxProblems {
		t.Fatalf("%d problems, want %d", len(p), MaxProblems)
	}
	if text := err.Error(); len(text) > 1000 || !strings.Contains(text, "and 15 more") {
		t.Errorf("Error() = %q", text)
	}
	if err := (Problems{}).Err(); err != nil {
		t.Errorf("no problems are %v", err)
	}
}
