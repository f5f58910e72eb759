package openrtb

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

// nativeText puts a native request into an imp as a text.
func nativeText(request string) string {
	text, _ := json.Marshal(request)
	return inImp(`"native":{"ver":"1.2","request":` + string(text) + `}`)
}

const nativeRequest = `{"ver":"1.2","context":1,"plcmttype":2,"privacy":1,"assets":[
	{"id":1,"required":1,"title":{"len":50}},{"id":"2","img":{"type":3,"wmin":300,"hmin":"157","mimes":["image/PNG"]}},
	{"id":3,"data":{"type":2,"len":90}},{"id":4,"video":{"mimes":["video/mp4"],"minduration":5,"maxduration":30,"protocols":[2,3]}}],
	"eventtrackers":[{"event":1,"methods":[1,2]},{"event":2,"methods":[1]}]}`

func isNative(r *Request) bool {
	n := r.Imps[0].Native
	return n != nil && !n.Bad && string(n.Version) == "1.2" && n.Context == 1 && n.PlacementType == 2 && n.PlacementCount == 1 && n.Privacy &&
		len(n.Assets) == 4 && n.Assets[0].Kind == AssetTitle && n.Assets[0].Required && n.Assets[0].Length == 50 &&
		n.Assets[1].ID == 2 && n.Assets[1].MinSize == Size{300, 157} && string(n.Assets[1].Mimes[0]) == "image/png" &&
		n.Assets[2].Kind == AssetData && n.Assets[2].Type == 2 && n.Assets[3].Video.MaxDuration == 30 &&
		n.SupportsTracker(1, 2) && n.SupportsTracker(2, 1) && !n.SupportsTracker(2, 2) && !n.SupportsTracker(3, 1)
}

var formatCases = []lenientCase{
	{"a video", inImp(`"video":{"mimes":["video/MP4"],"minduration":"5","maxduration":30.0,"protocols":[2,"3"],"protocol":7,"w":640,"h":"360","startdelay":-1,"placement":1,"plcmt":4,
		"linearity":1,"skip":true,"skipmin":15,"skipafter":5,"minbitrate":300,"maxbitrate":"1500","api":[7],"playbackmethod":[1],"playbackend":1,"delivery":[2],"battr":[13],"maxextended":-1,
		"companionad":[{"id":"c","w":300,"h":250,"vcm":1}],"companiontype":[1,2],"podid":"p","podseq":1,"slotinpod":-1,"maxseq":3,"poddur":60,"mincpmpersec":0.5,"rqddurs":[15,30],
		"durfloors":[{"mindur":1,"maxdur":15,"bidfloor":2},{"mindur":16,"bidfloor":"3"}],"pos":7,"boxingallowed":0,"ext":{"rewarded":1}}`), 0,
		func(r *Request) bool {
			v := r.Imps[0].Video
			floor, ok := FloorOf(v.DurationFloors, 20)
			return !v.Bad && string(v.Mimes[0]) == "video/mp4" && v.MinDuration == 5 && v.MaxDuration == 30 && fmt.Sprint(v.Protocols) == "[2 3 7]" &&
				v.W == 640 && v.H == 360 && v.HasStartDelay && v.StartDelay == -1 && v.Placement == 1 && v.Plcmt == 4 && v.Linearity == 1 && v.Skippable == 1 &&
				v.SkipMin == 15 && v.SkipAfter == 5 && v.MaxBitrate == 1500 && v.APIs[0] == 7 && v.PlaybackEnd == 1 && v.MaxExtended == -1 && v.SlotInPod == -1 &&
				v.CompanionAds[0].VCM == 1 && v.CompanionAds[0].Sizes[0] == Size{300, 250} && string(v.PodID) == "p" && v.PodDuration == 60 && v.MaxSequence == 3 &&
				v.MinCPMPerSecond == 500_000 && ok && floor == 3_000_000 && !v.Boxing && v.Position == 7 && r.Imps[0].Rewarded
		}},
	{"a video that says nothing", inImp(`"video":{}`), 0, func(r *Request) bool {
		v := r.Imps[0].Video
		return v != nil && !v.Bad && v.Skippable == -1 && !v.HasStartDelay && v.Boxing
	}},
	{"a video's mimes are garbage", inImp(`"video":{"mimes":{}}`), 1, func(r *Request) bool { return r.Imps[0].Video.Bad }},
	{"a video's duration is garbage", inImp(`"video":{"maxduration":"long"}`), 1, func(r *Request) bool { return r.Imps[0].Video.Bad }},
	{"a video's duration is negative", inImp(`"video":{"maxduration":-1}`), 1, func(r *Request) bool { return r.Imps[0].Video.Bad }},
	{"a video's battr costs the video alone", inImp(`"banner":{},"video":{"battr":["all"]}`), 1,
		func(r *Request) bool { return r.Imps[0].Video.Bad && !r.Imps[0].BlocksBad }},
	{"a video's duration floor is garbage", inImp(`"video":{"durfloors":[{"mindur":1,"bidfloor":"x"}]}`), 1, func(r *Request) bool { return r.Imps[0].Video.Bad }},
	{"companions of OpenRTB 2.2", inImp(`"video":{"companionad":{"banner":[{"w":1,"h":2},{"w":3,"h":4}]}}`), 0, func(r *Request) bool { return len(r.Imps[0].Video.CompanionAds) == 2 }},
	{"a companion that blocks something unreadable", inImp(`"video":{"companionad":[{"w":1,"h":2,"battr":"x"},{"w":3,"h":4}]}`), 1,
		func(r *Request) bool { return len(r.Imps[0].Video.CompanionAds) == 1 && !r.Imps[0].Video.Bad }},
	{"an audio", inImp(`"audio":{"mimes":"audio/mp4","maxduration":30,"feed":3,"stitched":1,"nvol":2,"protocols":[9]}`), 0, func(r *Request) bool {
		a := r.Imps[0].Audio
		return !a.Bad && len(a.Mimes) == 1 && a.MaxDuration == 30 && a.Feed == 3 && a.Stitched && a.VolumeNormalization == 2 && a.Protocols[0] == 9
	}},

	{"native in a text", nativeText(nativeRequest), 0, isNative},
	{"native as an object", inImp(`"native":{"request":` + nativeRequest + `}`), 0, isNative},
	{"native in native", nativeText(`{"native":` + nativeRequest + `}`), 0, func(r *Request) bool { return isNative(r) && r.Imps[0].Native.Wrapped }},
	{"native under another name", inImp(`"native":{"request_native":` + nativeRequest + `}`), 0, isNative},
	{"native without the object around it", inImp(`"native":` + nativeRequest), 0, isNative},
	{"native escaped twice", func() string {
		text, _ := json.Marshal(nativeRequest)
		return nativeText(string(text))
	}(), 0, isNative},
	{"native that is not JSON", nativeText(`a request`), 1, func(r *Request) bool { return r.Imps[0].Native.Bad }},
	{"native with more behind", nativeText(nativeRequest + `}`), 1, func(r *Request) bool { return r.Imps[0].Native.Bad }},
	{"native with a repeated key", nativeText(`{"ver":"1","ver":"2","assets":[]}`), 1, func(r *Request) bool { return r.Imps[0].Native.Bad }},
	{"native without assets", nativeText(`{"ver":"1.2"}`), 0, func(r *Request) bool { return r.Imps[0].Native.Bad }},
	{"native wants what we do not know", nativeText(`{"assets":[{"id":1,"title":{"len":9}},{"id":2,"required":1,"hologram":{}}]}`), 0,
		func(r *Request) bool { return r.Imps[0].Native.Bad }},
	{"native would like what we do not know", nativeText(`{"assets":[{"id":1,"title":{"len":9}},{"id":2,"hologram":{}}]}`), 0,
		func(r *Request) bool { return !r.Imps[0].Native.Bad && len(r.Imps[0].Native.Assets) == 1 }},

	{"a banner's restrictions", inImp(`"banner":{"mimes":["TEXT/html"],"api":[5],"expdir":[1,2],"wmax":"728","hmax":90,"format":[{"wratio":16,"hratio":9,"wmin":320},{"w":1,"h":2}]}`), 0,
		func(r *Request) bool {
			b := r.Imps[0].Banner
			return string(b.Mimes[0]) == "text/html" && b.APIs[0] == 5 && len(b.ExpandDirections) == 2 && b.MaxSize == Size{728, 90} &&
				b.Ratios[0] == Ratio{16, 9, 320} && len(b.Sizes) == 1
		}},
	{"an imp's circumstances", inImp(`"rwdd":1,"clickbrowser":1,"ssai":2,"qty":{"multiplier":3.5},"metric":[{"type":"x","value":1},{"type":"viewability","value":0.6}],"displaymanager":"SDK"`), 0,
		func(r *Request) bool {
			i := &r.Imps[0]
			return i.Rewarded && i.NativeBrowser && i.ServerSideInsertion == 2 && i.Quantity == 3.5 && i.Viewability == 0.6 && string(i.DisplayManager) == "SDK"
		}},
	{"viewability in percent", inImp(`"metric":[{"value":60,"type":"viewability"}]`), 0, func(r *Request) bool { return r.Imps[0].Viewability == 0.6 }},
	{"an imp's circumstances are not said", inImp(`"qty":{}`), 0, func(r *Request) bool { i := &r.Imps[0]; return i.Quantity == 1 && i.Viewability == -1 }},
	{"a quantity that cannot be read", inImp(`"qty":{"multiplier":-3}`), 0, func(r *Request) bool { return r.Imps[0].QuantityBad }},
	{"rewarded in ext", inImp(`"ext":{"prebid":{"is_rewarded_inventory":1}}`), 0, func(r *Request) bool { return r.Imps[0].Rewarded }},
	{"a deal's terms", inImp(`"pmp":{"deals":[{"id":"a","wseat":["s"],"wadomain":["www.A.example"],"guar":1,"mincpmpersec":1,"durfloors":[{"maxdur":9,"bidfloor":1}]}]}`), 0,
		func(r *Request) bool {
			d := &r.Imps[0].Deals[0]
			return string(d.AllowedSeats[0]) == "s" && string(d.AllowedDomains[0]) == "a.example" && d.Guaranteed && d.MinCPMPerSecond == 1_000_000 && d.DurationFloors[0].MaxDuration == 9
		}},
	{"a deal's seats name nobody", inImp(`"pmp":{"deals":[{"id":"a","wseat":[""]},{"id":"b","wadomain":[7]},{"id":"c","wadomain":["a b"]},{"id":"d"}]}`), 3,
		func(r *Request) bool { return len(r.Imps[0].Deals) == 1 && string(r.Imps[0].Deals[0].ID) == "d" }},
	{"languages", minimal(`"wlang":["EN"],"wlangb":["pt-BR"],"allimps":1`), 0,
		func(r *Request) bool { return fmt.Sprintf("%s", r.Languages) == "[en pt-br]" && r.AllImps }},
	{"languages name none", minimal(`"wlang":[""]`), 1, func(r *Request) bool { return r.Imps[0].BlocksBad }},
	{"blocks of OpenRTB 1", minimal(`"restrictions":{"bcat":["IAB1"],"badv":["a.example"]}`), 0,
		func(r *Request) bool { return len(r.BlockedCategories) == 1 && len(r.BlockedAdvertisers) == 1 }},

	{"a supply chain", minimal(`"source":{"tid":"t","schain":{"complete":1,"ver":"1.0","nodes":[{"asi":"A.example","sid":5,"hp":1,"rid":"r"}]},"ext":{"schain":{"complete":0,"nodes":[]}}}`), 0,
		func(r *Request) bool {
			c := r.SupplyChain
			return c.Complete && !c.Bad && len(c.Nodes) == 1 && string(c.Nodes[0].ASI) == "a.example" && string(c.Nodes[0].SellerID) == "5" && c.Nodes[0].Payment == 1
		}},
	{"a supply chain in OpenRTB 2.5's place", minimal(`"source":{"ext":{"schain":{"complete":1,"nodes":[{"asi":"a.example","sid":"1"}]}}}`), 0,
		func(r *Request) bool { return r.SupplyChain.Complete && r.SupplyChain.Nodes[0].Payment == -1 }},
	{"a supply chain with half a node", minimal(`"source":{"schain":{"complete":1,"nodes":[{"asi":"a.example"}]}}`), 0, func(r *Request) bool { return r.SupplyChain.Bad }},
	{"a supply chain that is a text", minimal(`"source":{"schain":"1.0,1!a.example,1,1"}`), 1, func(r *Request) bool { return r.SupplyChain.Bad }},
	{"a long supply chain", minimal(`"source":{"schain":{"nodes":[` + strings.TrimSuffix(strings.Repeat(`{"asi":"a","sid":"1"},`, 40), ",") + `]}}`), 0,
		func(r *Request) bool { return r.SupplyChain.TooLong && len(r.SupplyChain.Nodes) == MaxSupplyNodes }},

	{"a site and its content", minimal(`"site":{"name":"N","keywords":" a, b,,c ","sectioncat":["1"],"pagecat":["2"],"cattax":6,"mobile":1,"privacypolicy":1,"inventorypartnerdomain":"P.example",
		"publisher":{"id":1,"name":"Pub","domain":"D.example","cat":["IAB1"]},
		"content":{"id":"c","title":"T","series":"S","season":"2","genre":"drama","langb":"PT-br","contentrating":"PG","userrating":"4","len":"1200","livestream":0,"qagmediarating":1,"context":1,"prodq":1,
		"kwarray":["x"," y "],"cat":["7"],"cattax":7,"channel":{"name":"Ch"},"network":{"name":"Net","domain":"NET.example"}}}`), 0,
		func(r *Request) bool {
			s, c := r.Site, r.Site.Content
			return fmt.Sprintf("%s", s.Keywords) == "[a b c]" && s.CategoryTaxonomy == 6 && s.Mobile && s.HasPrivacyPolicy && string(s.PartnerDomain) == "p.example" &&
				string(s.PublisherDomain) == "d.example" && len(s.PublisherCategories) == 1 && string(c.Genre) == "drama" && string(c.Language) == "pt-br" && c.Length == 1200 &&
				c.Live == 0 && c.Embeddable == -1 && fmt.Sprintf("%s", c.Keywords) == "[x y]" && c.CategoryTaxonomy == 7 && string(c.Channel) == "Ch" && string(c.NetworkDomain) == "net.example"
		}},
	{"an app", minimal(`"app":{"name":"N","bundle":"b","storeurl":"https://s.example/b","page":"x"}`), 0,
		func(r *Request) bool {
			return string(r.App.StoreURL) == "https://s.example/b" && len(r.App.Page) == 0 && string(r.App.Name) == "N"
		}},
	{"a screen", minimal(`"dooh":{"id":"d","venuetype":["v.1"],"venuetypetax":2,"publisher":{"id":"p"}}`), 0,
		func(r *Request) bool {
			return r.Site == nil && string(r.DOOH.VenueTypes[0]) == "v.1" && r.DOOH.VenueTaxonomy == 2 && string(r.DOOH.PublisherID) == "p"
		}},
	{"a device", minimal(`"device":{"make":"M","model":"X","osv":17.4,"carrier":"C","mccmnc":"310-005","connectiontype":"2","w":390.0,"h":844,"pxratio":"3.0","js":1,"langb":"en-GB","ext":{"ifa_type":"aaid"}}`), 0,
		func(r *Request) bool {
			d := &r.Device
			return string(d.OSVersion) == "17.4" && d.ConnectionType == 2 && d.W == 390 && d.H == 844 && d.PixelRatio == 3 && d.JS && string(d.Language) == "en-GB" && string(d.IFAType) == "aaid"
		}},
	{"where a device is", minimal(`"device":{"geo":{"lat":"52.5","lon":13.4,"region":"de-be","city":"Berlin","zip":10115,"metro":"501","type":1,"accuracy":10.7,"lastfix":3,"ipservice":3}}`), 0,
		func(r *Request) bool {
			g := &r.Device.Geo
			return g.HasPoint && g.Lat == 52.5 && g.Lon == 13.4 && string(g.Region) == "BE" && string(g.Zip) == "10115" && g.Accuracy == 10 && g.Type == 1 && g.IPService == 3
		}},
	{"nowhere", minimal(`"device":{"geo":{"lat":0,"lon":0}}`), 0, func(r *Request) bool { return !r.Device.Geo.HasPoint }},
	{"beyond the pole", minimal(`"device":{"geo":{"lat":91,"lon":1}}`), 0, func(r *Request) bool { g := &r.Device.Geo; return !g.HasPoint && g.Lat == 0 }},
	{"a point of no accuracy", minimal(`"device":{"geo":{"lat":52.5,"lon":13.4,"accuracy":-5}}`), 1, func(r *Request) bool { return !r.Device.Geo.HasPoint }},
	{"a point of whatever accuracy", minimal(`"device":{"geo":{"lat":52.5,"lon":13.4,"accuracy":"good"}}`), 1, func(r *Request) bool { return !r.Device.Geo.HasPoint }},
	{"a point from who knows where", minimal(`"device":{"geo":{"lat":52.5,"lon":13.4,"type":"gps"}}`), 1, func(r *Request) bool { return !r.Device.Geo.HasPoint }},
	{"a point of which nothing is said", minimal(`"device":{"geo":{"lat":52.5,"lon":13.4,"type":null,"accuracy":null}}`), 0, func(r *Request) bool { return r.Device.Geo.HasPoint }},
	{"half a point", minimal(`"device":{"geo":{"lat":9}}`), 0, func(r *Request) bool { return !r.Device.Geo.HasPoint }},

	{"a person", minimal(`"user":{"yob":"1980","gender":"f","keywords":"a,b","data":[{"segment":[{"id":"1","value":"v"},{"name":"n"}],"name":"D","ext":{"segtax":4}}]}`), 0,
		func(r *Request) bool {
			a := r.UserAttributes()
			return a.YearOfBirth == 1980 && a.Gender == 'F' && len(a.Keywords) == 2 && len(a.Data) == 2 && string(a.Data[1].ID) == "n" && string(a.Data[0].Provider) == "D" && string(a.Data[0].Value) == "v" && a.Data[1].Taxonomy == 4
		}},
	{"a person of no year", minimal(`"user":{"yob":0,"gender":"female"}`), 0, func(r *Request) bool { a := r.UserAttributes(); return a.YearOfBirth == 0 && a.Gender == 0 }},
	{"an address", minimal(`"device":{"ip":"192.0.2.7","ipv6":"2001:db8::1"}`), 0, func(r *Request) bool { return r.ClientIP() == netip.MustParseAddr("192.0.2.7") }},
	{"two addresses", minimal(`"device":{"ip":"192.0.2.7","ipv6":"2001:db8::1"}`), 0, func(r *Request) bool {
		return r.ClientIPs() == [2]netip.Addr{netip.MustParseAddr("192.0.2.7"), netip.MustParseAddr("2001:db8::1")}
	}},
	{"an address that is none", minimal(`"device":{"ip":"192.0.2.x","ipv6":"2001:db8::1"}`), 0, func(r *Request) bool { return r.ClientIP() == netip.MustParseAddr("2001:db8::1") && r.Device.HasIP }},
	{"an address in the other's place", minimal(`"device":{"ip":"::ffff:192.0.2.7"}`), 0, func(r *Request) bool { return r.ClientIP() == netip.MustParseAddr("192.0.2.7") }},
	{"an address with a zone", minimal(`"device":{"ip":"fe80::1%eth0"}`), 0, func(r *Request) bool { return !r.ClientIP().IsValid() }},
	{"an extended id", minimal(`"user":{"eids":[{"uids":[{"id":"7","atype":3}],"source":"a.example","inserter":"b.example","matcher":"c.example","mm":2}]}`), 0,
		func(r *Request) (ok bool) {
			r.EachEID(func(e *EID) bool {
				ok = string(e.Source) == "a.example" && e.AType == 3 && string(e.Inserter) == "b.example" && string(e.Matcher) == "c.example" && e.Method == 2
				return true
			})
			return ok
		}},
}

// TestKeywordsAreBounded holds what matching costs to a bound.
func TestKeywordsAreBounded(t *testing.T) {
	for _, keywords := range []string{`"` + strings.Repeat("a,", 1000) + `"`, `[` + strings.Repeat(`"a",`, 1000) + `"b"]`} {
		r, err := NewDecoder(Limits{}).Decode([]byte(minimal(`"site":{"keywords":` + keywords + `}`)))
		if err != nil {
			t.Fatal(err)
		}
		if got := len(r.Site.Keywords); got != maxKeywords {
			t.Errorf("%d keywords, want %d", got, maxKeywords)
		}
	}
}

// Content and the user are each bounded, so that neither takes the other's
// room.
func TestSegmentsAreBounded(t *testing.T) {
	some := func(n int) string {
		return `[{"id":"p","segment":[{"id":"a"}` + strings.Repeat(`,{"id":"b","value":"c"}`, n) + `],"ext":{"segtax":4}},{"id":"q","segment":[{"id":"d"}]}]`
	}
	r, err := NewDecoder(Limits{}).Decode([]byte(minimal(`"site":{"content":{"data":` + some(1000) + `}},"user":{"data":` + some(1) + `}`)))
	if err != nil {
		t.Fatal(err)
	}
	if got := len(r.Site.Content.Data); got != maxSegments {
		t.Errorf("%d segments of the content, want %d", got, maxSegments)
	}
	data := r.UserAttributes().Data
	if len(data) != 3 || string(data[1].Value) != "c" || data[0].Taxonomy != 4 || string(data[2].Provider) != "q" || data[2].Taxonomy != 0 {
		t.Errorf("segments of the user: %+v", data)
	}
}

func TestMediaFitsDuration(t *testing.T) {
	for _, c := range []struct {
		media   Media
		seconds int
		want    bool
	}{
		{Media{}, 600, true},
		{Media{MinDuration: 5, MaxDuration: 30}, 5, true},
		{Media{MinDuration: 5, MaxDuration: 30}, 4, false},
		{Media{MinDuration: 5, MaxDuration: 30}, 31, false},
		{Media{MaxDuration: 30, MaxExtended: 5}, 35, true},
		{Media{MaxDuration: 30, MaxExtended: -1}, 300, true},
		{Media{RequiredDurations: []int{15, 30}, MaxDuration: 60}, 20, false},
		{Media{RequiredDurations: []int{15, 30}}, 30, true},
		{Media{PodDuration: 60}, 61, false},
		{Media{PodDuration: 60, MaxDuration: 30}, 31, false},
		{Media{PodDuration: 60, MaxDuration: 30}, 30, true},
	} {
		if got := c.media.FitsDuration(c.seconds); got != c.want {
			t.Errorf("%+v fits %d seconds: %v, want %v", c.media, c.seconds, got, c.want)
		}
	}
}

// repeatedFormatKeys are the keys of the objects of formats, places and devices.
var repeatedFormatKeys = map[string]string{
	`{"id":"1",%s}`:                                   "dooh source wlang wlangb allimps restrictions",
	`{"id":"1","imp":[{%s}]}`:                         "rwdd clickbrowser ssai qty metric displaymanager displaymanagerver ext",
	`{"id":"1","imp":[{"banner":{%s}}]}`:              "id mimes api expdir vcm wmin hmin wmax hmax",
	`{"id":"1","imp":[{"banner":{"format":[{%s}]}}]}`: "wratio hratio wmin",
	`{"id":"1","imp":[{"video":{%s}}]}`:               "mimes minduration maxduration rqddurs durfloors protocols protocol startdelay skip skipmin skipafter minbitrate maxbitrate maxextended delivery api battr companionad companiontype podid poddur podseq slotinpod maxseq mincpmpersec w h placement plcmt linearity playbackmethod playbackend boxingallowed pos ext",
	`{"id":"1","imp":[{"audio":{%s}}]}`:               "mimes minduration maxduration feed stitched nvol",
	`{"id":"1","imp":[{"native":{%s}}]}`:              "request ver api battr assets context plcmttype plcmtcnt",
	`{"id":"1","imp":[{"native":{"request":{%s}}}]}`:  "native ver assets context contextsubtype plcmttype plcmtcnt seq layout privacy aurlsupport durlsupport eventtrackers",
	`{"id":"1","imp":[{"native":{"assets":[{%s}]}}]}`: "id required title img data video",
	`{"id":"1","imp":[{"pmp":{"deals":[{%s}]}}]}`:     "wseat wadomain guar mincpmpersec durfloors",
	`{"id":"1","site":{%s}}`:                          "name sectioncat pagecat cattax keywords kwarray mobile privacypolicy inventorypartnerdomain content",
	`{"id":"1","app":{"content":{%s}}}`:               "id title series season genre language langb contentrating userrating url cat cattax keywords kwarray len livestream qagmediarating context prodq embeddable channel network data",
	`{"id":"1","dooh":{%s}}`:                          "venuetype venuetypetax",
	`{"id":"1","device":{%s}}`:                        "make model osv carrier mccmnc connectiontype w h pxratio js langb sua ext",
	`{"id":"1","device":{"geo":{%s}}}`:                "lat lon region city zip metro type accuracy lastfix ipservice",
	`{"id":"1","device":{"sua":{%s}}}`:                "browsers platform mobile architecture model source",
	`{"id":"1","user":{%s}}`:                          "yob gender keywords kwarray data",
	`{"id":"1","user":{"eids":[{%s}]}}`:               "inserter matcher mm",
	`{"id":"1","user":{"data":[{%s}]}}`:               "id name segment ext",
	`{"id":"1","user":{"data":[{"segment":[{%s}]}]}}`: "id name value",
	`{"id":"1","source":{%s}}`:                        "schain ext",
	`{"id":"1","source":{"schain":{%s}}}`:             "complete ver nodes",
	`{"id":"1","source":{"schain":{"nodes":[{%s}]}}}`: "asi sid rid name domain hp",
}
