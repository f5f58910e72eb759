package validate

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"
)

// swap is a change to a request or response: what is replaced by what.
type swap struct{ old, new string }

func (s swap) apply(t *testing.T, text string) string {
	t.Helper()
	changed := strings.Replace(text, s.old, s.new, 1)
	if changed == text && s.old != s.new {
		t.Fatalf("%q is not in %s", s.old, text)
	}
	return changed
}

// change is what makes a response that keeps to its request break one rule.
type change struct {
	want              Code // empty when it breaks none
	request, response swap
}

// entails is the codes of what makes something else wrong, too.
var entails = map[Code]bool{Cat: true, MType: true, BidID: true, NativeAsset: true, VAST: true, Currency: true}

const (
	bannerRequest = `{"id":"r1","cur":["USD","EUR"],"bcat":["IAB7","IAB9-9"],"badv":["blocked.example.com"],"bapp":["com.example.bad"],"wlang":["en"],
		"imp":[{"id":"1","secure":1,"bidfloor":0.5,"banner":{"w":300,"h":250,"format":[{"w":320,"h":50},{"wratio":16,"hratio":9,"wmin":160}],"battr":[6],"btype":[4]}},
		{"id":"2","banner":{}}]}`
	bannerResponse = `{"id":"r1","cur":"USD","seatbid":[{"seat":"s1","bid":[{"id":"b1","impid":"1","price":1.25,"crid":"7","cid":"3","adomain":["shop.example.com"],
		"cat":["IAB3-1"],"attr":[2],"w":300,"h":250,"mtype":1,"nurl":"http://127.0.0.1:8080/n/win/t?p=${AUCTION_PRICE}","burl":"https://d.example/b?${AUCTION_PRICE:B64}","lurl":"http://[::1]/l",
		"adm":"<a href=\"http://shop.example.com\"><img src=\"https://cdn.example.com/a.png\"></a>${AUCTION_ID}${template}"}]}]}`

	videoRequest = `{"id":"r1","imp":[{"id":"1","secure":1,"bidfloor":1,"video":{"mimes":["video/mp4"],"minduration":5,"maxduration":30,"protocols":[2,3,7,8],
		"linearity":1,"skip":1,"skipmin":10,"skipafter":5,"minbitrate":100,"maxbitrate":3000,"delivery":[2],"api":[1],"battr":[8],"w":640,"h":360,
		"durfloors":[{"mindur":1,"maxdur":15,"bidfloor":2},{"mindur":16,"bidfloor":4}]}}]}`
	vastText = `<VAST version=\"4.0\" xmlns=\"http://www.iab.com/VAST\"><Ad><InLine><AdSystem>T</AdSystem><Impression><![CDATA[https://d.example/i]]></Impression><AdTitle>t</AdTitle>` +
		`<Creatives><Creative><UniversalAdId idRegistry=\"ad-id.org\">A1</UniversalAdId><Linear skipoffset=\"00:00:05\"><Duration>00:00:14.5</Duration><MediaFiles>` +
		`<MediaFile delivery=\"progressive\" type=\"video/mp4\" width=\"640\" height=\"360\" bitrate=\"500\">https://cdn.example.com/a.mp4</MediaFile>` +
		`</MediaFiles><VideoClicks><ClickThrough>http://shop.example.com/</ClickThrough></VideoClicks></Linear></Creative></Creatives></InLine></Ad></VAST>`
	bidHead       = `{"id":"r1","seatbid":[{"bid":[{"id":"b1","impid":"1","price":2,"crid":"7","cid":"3","adomain":["shop.example.com"],"cat":[],"attr":[],`
	videoResponse = bidHead + `"protocol":7,"dur":15,"w":640,"h":360,"mtype":2,"adm":"` + vastText + `"}]}]}`

	simidFile   = `<InteractiveCreativeFile type=\"text/html\" apiFramework=\"SIMID\">https://cdn.example.com/a.html</InteractiveCreativeFile>`
	flvFile     = `<MediaFile delivery=\"progressive\" type=\"video/x-flv\" width=\"640\" height=\"360\" bitrate=\"500\">https://cdn.example.com/a.flv</MediaFile>`
	podRequest  = `{"id":"r1","imp":[{"id":"1","audio":{"mimes":["video/mp4"],"poddur":30,"maxseq":2,"rqddurs":[15,20],"mincpmpersec":0.1}}]}`
	podBid      = `{"id":"b1","impid":"1","price":2,"crid":"7","cid":"3","adomain":["shop.example.com"],"cat":[],"attr":[],"mtype":3,"adm":"` + vastText + `"}`
	podResponse = `{"id":"r1","seatbid":[{"bid":[` + podBid + `]}]}`

	wrapperResponse = bidHead + `"mtype":2,"dur":10,"adm":"<VAST version=\"4.0\"><Ad><Wrapper><AdSystem>T</AdSystem><Impression>https://d.example/</Impression><VASTAdTagURI>https://ads.example/</VASTAdTagURI></Wrapper></Ad></VAST>"}]}]}`

	nativeRequestText = `{"id":"r1","imp":[{"id":"1","secure":1,"native":{"battr":[3],"request":"{\"native\":{\"assets\":[{\"id\":1,\"required\":1,\"title\":{\"len\":10}},{\"id\":2,\"img\":{\"type\":3,\"wmin\":300,\"h\":200}},{\"id\":3,\"data\":{\"type\":2,\"len\":5}},{\"id\":4,\"video\":{\"mimes\":[\"video/mp4\"],\"protocols\":[7],\"maxduration\":20}}],\"eventtrackers\":[{\"event\":1,\"methods\":[1]}]}}"}}]}`
	nativeAdm         = `{"native":{"assets":[{"id":1,"title":{"text":"Shoes"}},{"id":2,"img":{"type":3,"url":"https://cdn.example.com/a.png","w":300,"h":200}},{"id":3,"data":{"value":"cheap"}},{"id":4,"video":{"vasttag":"` + vastText + `"}}],"link":{"url":"http://shop.example.com/"},"eventtrackers":[{"event":1,"method":1,"url":"https://d.example/v"}]}}`
	nativeResponse    = bidHead + `"mtype":4,"adm":` + nativeAdm + `}]}]}`

	dealRequest = `{"id":"r1","cur":["EUR","USD"],"wseat":["s1","s2"],"imp":[{"id":"1","bidfloor":9,"bidfloorcur":"EUR","banner":{"w":300,"h":250},
		"pmp":{"private_auction":1,"deals":[{"id":"d1","bidfloor":1.1,"wseat":["s1"],"wadomain":["example.com"]},{"id":"d2","bidfloor":2.5,"bidfloorcur":"EUR","at":3},{"id":"d3","bidfloor":1,"bidfloorcur":"XXX"}]}}]}`
	dealResponse = `{"id":"r1","cur":"EUR","seatbid":[{"seat":"s1","bid":[{"id":"b1","impid":"1","dealid":"d1","price":1.0,"crid":"7","cid":"3","adomain":["shop.example.com"],"cat":[],"attr":[],"w":300,"h":250,"adm":"<b>"}]}]}`

	multiRequest  = `{"id":"r1","cattax":6,"acat":["210"],"imp":[{"id":"1","banner":{"w":300,"h":250},"video":{"mimes":["video/mp4"]}}]}`
	multiResponse = `{"id":"r1","seatbid":[{"bid":[{"id":"b1","impid":"1","price":2,"crid":"7","cid":"3","adomain":["shop.example.com"],"cat":["210"],"attr":[],"cattax":6,"w":300,"h":250,"mtype":1,"adm":"<b>"}]}]}`
)

func TestViolations(t *testing.T) {
	same := swap{}
	withCompanion := swap{`</Creative></Creatives>`, `</Creative><Creative><CompanionAds><Companion width=\"300\" height=\"250\">` +
		`<StaticResource creativeType=\"image/png\">https://cdn.example.com/b.png</StaticResource></Companion></CompanionAds></Creative></Creatives>`}
	for _, tt := range []struct {
		name              string
		request, response string
		cases             []change
	}{
		{"banner", bannerRequest, bannerResponse, []change{
			{"", same, same},
			{"", same, swap{`1.25`, `0.5`}},
			{"", same, swap{`"w":300,"h":250`, `"w":320,"h":50`}},
			{"", same, swap{`"w":300,"h":250`, `"w":320,"h":180`}},
			{"", same, swap{`"IAB3-1"`, `"IAB9"`}},
			{"", same, swap{`"IAB3-1"`, `"IAB70"`}},
			{"", same, swap{`"shop.example.com"]`, `"unblocked.example.com"]`}},
			{"", same, swap{`"mtype":1`, `"mtype":1,"language":"en","bundle":"com.example.good"`}},
			{"", swap{`"secure":1,`, ``}, swap{`src=\"https:`, `src=\"http:`}},
			{"", swap{`"bidfloor":0.5`, `"bidfloor":0.5,"bidfloorcur":"EUR"`}, same},
			{JSON, same, swap{`{"id":"r1"`, `{"id":1`}},
			{ResponseID, same, swap{`"r1"`, `"r2"`}},
			{Currency, same, swap{`"USD"`, `"GBP"`}},
			{Currency, swap{`"cur":["USD","EUR"],`, ``}, swap{`"USD"`, `"EUR"`}},
			{Seat, swap{`"cur"`, `"bseat":["s1"],"cur"`}, same},
			{Seat, swap{`"cur"`, `"wseat":["s2"],"cur"`}, same},
			{BidID, same, swap{`"b1"`, `""`}},
			{ImpID, same, swap{`"impid":"1"`, `"impid":"3"`}},
			{Price, same, swap{`1.25`, `"1.25"`}},
			{Price, same, swap{`1.25`, `0`}},
			{Price, same, swap{`1.25`, `-1`}},
			{Price, same, swap{`"price":1.25,`, ``}},
			{BelowFloor, same, swap{`1.25`, `0.499999`}},
			{BelowFloor, swap{`"bidfloor":0.5`, `"bidfloor":1.2,"bidfloorcur":"EUR"`}, same}, // 1.32 USD
			{FloorRate, swap{`"bidfloor":0.5`, `"bidfloor":0.5,"bidfloorcur":"XXX"`}, same},
			{CrID, same, swap{`"crid":"7",`, ``}},
			{CID, same, swap{`"cid":"3",`, ``}},
			{ADomain, same, swap{`"adomain":["shop.example.com"],`, ``}},
			{ADomain, same, swap{`"shop.example.com"]`, `"https://shop.example.com"]`}},
			{Cat, same, swap{`"cat":["IAB3-1"],`, ``}},
			{Attr, same, swap{`"attr":[2],`, ``}},
			{Exp, same, swap{`"mtype":1`, `"mtype":1,"exp":-1`}},
			{AdM, same, swap{`"adm":"`, `"adx":"`}},
			{AdM, same, swap{`"adm":"`, `"adm":{},"adx":"`}},
			{MType, same, swap{`"mtype":1`, `"mtype":2`}},
			{MType, same, swap{`"mtype":1`, `"mtype":5`}},
			{MType, same, swap{`"mtype":1`, `"mtype":-1`}},
			{MType, same, swap{`"adm":"`, `"adm":"<VAST>`}},
			{Size, same, swap{`"w":300,"h":250`, `"w":250,"h":300`}},
			{Size, same, swap{`"w":300,"h":250,`, ``}},
			{Size, same, swap{`"w":300,"h":250`, `"w":144,"h":81`}}, // the ratio, less than the least width
			{BAdv, same, swap{`"shop.example.com"]`, `"a.Blocked.example.com"]`}},
			{BCat, same, swap{`"IAB3-1"`, `"IAB7"`}},
			{BCat, same, swap{`"IAB3-1"`, `"IAB7-39"`}},
			{BCat, same, swap{`"IAB3-1"`, ``}}, // nobody can tell what it is
			{CatTax, same, swap{`"mtype":1`, `"mtype":1,"cattax":6`}},
			{BApp, same, swap{`"mtype":1`, `"mtype":1,"bundle":"com.example.bad"`}},
			{WLang, same, swap{`"mtype":1`, `"mtype":1,"language":"de"`}},
			{BAttr, same, swap{`"attr":[2]`, `"attr":[2,6]`}},
			{BType, same, swap{`"adm":"`, `"adm":"<iframe src='https://e.example'>`}},
			{Insecure, same, swap{`src=\"https:`, `src=\"HTTP:`}},
			{Insecure, same, swap{`"adm":"`, `"adm":"<style>b{background:url(http://e.example/a)}</style>`}},
			{Insecure, same, swap{`"adm":"`, `"adm":"<style>@import 'http://e.example/a.css';</style>`}},
			{Insecure, same, swap{`"adm":"`, `"adm":"<style>@IMPORT url( http://e.example/a.css );</style>`}},
			{Insecure, same, swap{`"adm":"`, `"adm":"<img srcset='https://e.example/a 1x, http://e.example/b 2x'>`}},
			{Insecure, same, swap{`"adm":"`, `"adm":"<svg><image width=1 xlink:href='http://e.example/a'/></svg>`}},
			{Insecure, same, swap{`"adm":"`, `"adm":"<svg><use href=http://e.example/a#b></use></svg>`}},
			{Insecure, same, swap{`"adm":"`, `"adm":"<div srcdoc='&lt;img src=http://e.example/a&gt;'></div>`}},
			{"", same, swap{`"adm":"`, `"adm":"<svg><a xlink:href='http://shop.example.com'><image href='https://e.example/a?of=http://b.example'/></a></svg>`}},
			{"", same, swap{`"adm":"`, `"adm":"<img srcset='https://e.example/a 1x, https://e.example/b 2x'><style>@import 'https://e.example/a.css';</style>`}},
			{API, same, swap{`"mtype":1`, `"mtype":1,"api":5,"apis":[5]`}},
			{API, swap{`"battr":[6]`, `"battr":[6],"api":[3]`}, swap{`"mtype":1`, `"mtype":1,"api":5`}},
			{API, swap{`"battr":[6]`, `"battr":[6],"api":[3]`}, swap{`"mtype":1`, `"mtype":1,"api":5,"apis":[3]`}},
			{"", swap{`"battr":[6]`, `"battr":[6],"api":[3]`}, swap{`"mtype":1`, `"mtype":1,"api":5,"apis":[5,3]`}},
			{MIME, swap{`"battr":[6]`, `"battr":[6],"mimes":["application/x-shockwave-flash"]`}, same},
			{"", swap{`"battr":[6]`, `"battr":[6],"mimes":["application/x-shockwave-flash","Text/HTML"]`}, same},
			{"", swap{`"battr":[6]`, `"battr":[6],"mimes":["image/gif"]`}, same},
			{ExpDir, swap{`"battr":[6]`, `"battr":[6],"expdir":[1,2,4]`}, swap{`"attr":[2]`, `"attr":[4]`}},
			{"", swap{`"battr":[6]`, `"battr":[6],"expdir":[1,2,4]`}, same},
			{"", swap{`"battr":[6]`, `"battr":[6],"expdir":[4,3,2,1]`}, swap{`"attr":[2]`, `"attr":[4]`}},
			{"", swap{`"battr":[6]`, `"battr":[6],"expdir":[5]`}, swap{`"attr":[2]`, `"attr":[4]`}},
			{WLang, same, swap{`"mtype":1`, `"mtype":1,"langb":"de-AT"`}},
			{"", same, swap{`"mtype":1`, `"mtype":1,"langb":"EN-gb"`}},
			{WLangB, swap{`"wlang":["en"]`, `"wlangb":["en-GB","fr"]`}, swap{`"mtype":1`, `"mtype":1,"langb":"en-US"`}},
			{WLangB, swap{`"wlang":["en"]`, `"wlangb":["en-GB","fr"]`}, swap{`"mtype":1`, `"mtype":1,"language":"de"`}},
			{"", swap{`"wlang":["en"]`, `"wlangb":["en-GB","fr"]`}, swap{`"mtype":1`, `"mtype":1,"language":"en"`}},
			{"", swap{`"wlang":["en"]`, `"wlangb":["en-GB","fr"]`}, swap{`"mtype":1`, `"mtype":1,"langb":"fr-CA"`}},
			{Macro, same, swap{`${AUCTION_ID}`, `${CLICK_URL}`}},
			{Macro, same, swap{`${AUCTION_PRICE}`, `${AUCTION_PRIZE}`}},
			{NURL, same, swap{`http://127.0.0.1:8080/n/win`, `/n/win`}},
			{NURL, same, swap{`http://127.0.0.1:8080/n/win`, `http://192.0.2.9/n/win`}},
			{BURL, same, swap{`https://d.example`, `http://127.0.0.1@d.example`}},
			{BURL, same, swap{`"burl":"https://d.example/b?${AUCTION_PRICE:B64}",`, ``}},
			{LURL, same, swap{`http://[::1]/l`, `ftp://[::1]/l`}},
		}},
		{"video", videoRequest, videoResponse, []change{
			{"", same, same},
			{"", same, swap{`00:00:05`, `50%`}},
			{"", same, swap{`00:00:14.5`, `00:00:15.000`}},
			{"", swap{`"secure":1,`, ``}, swap{`https://cdn`, `http://cdn`}},
			{BelowFloor, same, swap{`"price":2`, `"price":1.99`}}, // the duration's
			{BelowFloor, swap{`"maxdur":15`, `"maxdur":14`}, swap{`"price":2`, `"price":0.99`}},
			{BelowFloor, swap{`"skip":1`, `"skip":1,"mincpmpersec":0.2`}, same}, // 3.00
			{VAST, same, swap{`</Linear>`, ``}},
			{VAST, same, swap{`</VAST>`, `</VAST></b>`}},
			{VAST, same, swap{`4.0`, `5.0`}},
			{"", same, swap{`</Linear>`, `<TrackingEvents><Tracking event=\"skip\">https://t.example/</Tracking></TrackingEvents></Linear>`}},
			{VAST, same, swap{`</Linear>`, `<TrackingEvents><Tracking event=\"watched\">https://t.example/</Tracking></TrackingEvents></Linear>`}},
			{VAST, same, swap{`</Linear>`, `<TrackingEvents><Tracking event=\"loaded\">https://t.example/</Tracking></TrackingEvents></Linear>`}}, // from 4.1
			{VAST, same, swap{`<UniversalAdId idRegistry=\"ad-id.org\">A1</UniversalAdId>`, ``}},
			{VAST, same, swap{`idRegistry=\"ad-id.org\"`, ``}},
			{VAST, same, swap{`version=\"4.0\"`, `version=\"3.0\"`}},
			{VAST, same, swap{`<Impression><![CDATA[https://d.example/i]]></Impression>`, ``}},
			{VAST, same, swap{`https://d.example/i`, `/i`}},
			{VAST, same, swap{`<AdTitle>t</AdTitle>`, ``}},
			{VAST, same, swap{`delivery=\"progressive\"`, ``}},
			{VAST, same, swap{`00:00:14.5`, `15`}},
			{VAST, same, swap{`"adm":"`, `"adm":"& `}},
			{Duration, same, swap{`"dur":15`, `"dur":14`}},
			{Duration, swap{`"maxduration":30`, `"maxduration":14`}, same},
			{Duration, swap{`"minduration":5`, `"minduration":16`}, same},
			{"", swap{`"maxduration":30`, `"maxduration":14,"maxextended":1`}, same},
			{Protocol, swap{`,7,8]`, `,8]`}, same},
			{Protocol, same, swap{`"protocol":7`, `"protocol":3`}},
			{MIME, same, swap{`type=\"video/mp4\"`, `type=\"video/webm\"`}},
			{Linearity, swap{`"linearity":1`, `"linearity":2`}, same},
			{Skip, swap{`"skip":1`, `"skip":0`}, same},
			{Skip, swap{`"skipmin":10`, `"skipmin":15`}, same},
			{Skip, same, swap{`00:00:05`, `00:00:04`}},
			{Bitrate, same, swap{`bitrate=\"500\"`, `bitrate=\"3001\"`}},
			{Delivery, same, swap{`\"progressive\"`, `\"streaming\"`}},
			{API, same, swap{`bitrate=`, `apiFramework=\"VPAID\" bitrate=`}}, // VPAID 1.0 is Flash
			{"", swap{`"api":[1]`, `"api":[2]`}, swap{`bitrate=`, `apiFramework=\"VPAID\" bitrate=`}},
			{"", swap{`["video/mp4"]`, `["application/x-shockwave-flash"]`}, swap{`type=\"video/mp4\"`, `type=\"application/x-shockwave-flash\" apiFramework=\"VPAID\"`}},
			{VAST, same, swap{`bitrate=`, `apiFramework=\"SIMID\" bitrate=`}},
			{VAST, same, swap{`</MediaFiles>`, simidFile + `</MediaFiles>`}}, // from 4.1
			{BAttr, same, swap{`"attr":[]`, `"attr":[8]`}},
			{BAttr, swap{`"battr":[8]`, `"battr":[16]`}, same}, // said or not
			{"", swap{`"battr":[8]`, `"battr":[16]`}, swap{` skipoffset=\"00:00:05\"`, ``}},
			{API, same, swap{`"mtype":2`, `"mtype":2,"apis":[7]`}},
			{Boxing, swap{`"w":640,"h":360`, `"w":360,"h":640,"boxingallowed":0`}, same},
			{"", swap{`"w":640,"h":360`, `"w":1280,"h":720,"boxingallowed":0`}, same},
			{"", swap{`"w":640,"h":360`, `"w":360,"h":640,"boxingallowed":1`}, same},
			{MIME, same, swap{`bitrate=\"500\">https://cdn.example.com/a.mp4</MediaFile>`, `bitrate=\"9000\">https://cdn.example.com/a.mp4</MediaFile>` + flvFile}}, // neither has all
			{"", same, swap{`<MediaFiles>`, `<MediaFiles>` + flvFile}},
			{Insecure, same, swap{`https://cdn`, `http://cdn`}},
			{Macro, same, swap{`https://d.example/i`, `https://d.example/i?${PIXEL_URL}`}},
		}},
		{"interactive", strings.Replace(videoRequest, `,7,8]`, `,13]`, 1),
			strings.NewReplacer(`4.0`, `4.2`, `"protocol":7`, `"protocol":13`, `</MediaFiles>`, simidFile+`</MediaFiles>`).Replace(videoResponse), []change{
				{API, same, same},
				{"", swap{`"api":[1]`, `"api":[9]`}, same},
				{VAST, same, swap{`type=\"text/html\"`, ``}},
			}},
		{"wrapper", videoRequest, wrapperResponse, []change{
			{"", same, same},
			{VAST, same, swap{`https://ads.example/`, ``}},
			{Protocol, swap{`7,8`, `7`}, same},
			{Duration, same, swap{`"dur":10`, `"dur":4`}},
		}},
		{"companions", podRequest, podResponse, []change{
			{Companion, same, withCompanion},
			{"", swap{`"maxseq":2`, `"maxseq":2,"companionad":[{"w":300,"h":250}]`}, withCompanion},
			{"", swap{`"maxseq":2`, `"maxseq":2,"companionad":[{"w":1,"h":1},{"format":[{"w":300,"h":250}]}],"companiontype":[3,1]`}, withCompanion},
			{Companion, swap{`"maxseq":2`, `"maxseq":2,"companionad":[{"w":300,"h":251}]`}, withCompanion},
			{Companion, swap{`"maxseq":2`, `"maxseq":2,"companionad":[{"w":300,"h":250}],"companiontype":[2]`}, withCompanion},
		}},
		{"pod", podRequest, podResponse, []change{
			{"", same, same},
			{"", same, swap{podBid, podBid + `,` + strings.Replace(podBid, `"b1"`, `"b2"`, 1)}},
			{BidID, same, swap{podBid, podBid + `,` + podBid}},
			{Pod, swap{`30`, `29`}, swap{podBid, podBid + `,` + strings.Replace(podBid, `"b1"`, `"b2"`, 1)}},
			{Pod, swap{`"maxseq":2`, `"maxseq":1`}, swap{podBid, podBid + `,` + strings.Replace(podBid, `"b1"`, `"b2"`, 1)}},
			{Duration, swap{`[15,20]`, `[20]`}, same},
			{BelowFloor, swap{`0.1`, `0.2`}, same},
			{Slot, same, swap{`"mtype":3`, `"mtype":3,"slotinpod":1`}},
			{Slot, swap{`"maxseq":2`, `"maxseq":2,"slotinpod":-1`}, swap{`"mtype":3`, `"mtype":3,"slotinpod":1`}},
			{"", swap{`"maxseq":2`, `"maxseq":2,"slotinpod":1`}, swap{`"mtype":3`, `"mtype":3,"slotinpod":1`}},
			{"", swap{`"maxseq":2`, `"maxseq":2,"slotinpod":2`}, swap{`"mtype":3`, `"mtype":3,"slotinpod":-1`}},
			{Slot, swap{`"maxseq":2`, `"maxseq":2,"slotinpod":1`}, swap{podBid, strings.Replace(podBid+`,`+strings.Replace(podBid, `"b1"`, `"b2"`, 1), `"mtype":3`, `"mtype":3,"slotinpod":1`, 2)}},
			{Duplicate, swap{`"poddur":30,"maxseq":2,`, ``}, swap{podBid, podBid + `,` + strings.Replace(podBid, `"b1"`, `"b2"`, 1)}},
		}},
		{"native", nativeRequestText, nativeResponse, []change{
			{"", same, same},
			{"", same, swap{nativeAdm, quoted(nativeAdm)}},
			{"", same, swap{`"eventtrackers":[{"event":1,"method":1,"url":"https://d.example/v"}]`, `"imptrackers":["https://d.example/v"]`}},
			{Native, same, swap{nativeAdm, `"{"`}},
			{Native, same, swap{nativeAdm, strings.TrimSuffix(strings.TrimPrefix(nativeAdm, `{"native":`), `}`)}},
			{Native, same, swap{`"text":"Shoes"`, `"text":1`}},
			{Native, same, swap{`https://d.example/v`, `/v`}},
			{NativeLink, same, swap{`"link":{"url":"http://shop.example.com/"`, `"link":{"url":""`}},
			{NativeAsset, same, swap{`"id":3,`, `"id":5,`}},
			{NativeAsset, same, swap{`"id":3,`, `"id":1,`}},
			{NativeAsset, same, swap{`"id":3,"data"`, `"id":3,"title":{"text":"a"},"datum"`}},
			{NativeAsset, same, swap{`"value":"cheap"`, `"value":"cheap","type":1`}},
			{NativeNeeds, same, swap{`{"id":1,"title":{"text":"Shoes"}},`, ``}},
			{NativeLength, same, swap{`Shoes`, `Shoes again`}},
			{NativeLength, same, swap{`cheap`, `cheaper`}},
			{NativeImage, same, swap{`"w":300`, `"w":299`}},
			{NativeImage, same, swap{`"h":200`, `"h":201`}},
			{NativeTrack, same, swap{`"method":1`, `"method":2`}},
			{NativeTrack, same, swap{`,"eventtrackers":[{"event":1,"method":1,"url":"https://d.example/v"}]`, ``}},
			{Insecure, same, swap{`https://d.example/v`, `http://d.example/v`}},
			{Insecure, same, swap{`https://cdn.example.com/a.mp4`, `http://cdn.example.com/a.mp4`}},
			{Duration, same, swap{`00:00:14.5`, `00:00:20.5`}},
			{VAST, same, swap{`</VAST>`, ``}},
			{BAttr, same, swap{`"attr":[]`, `"attr":[3]`}},
			{BAttr, swap{`"battr":[3]`, `"battr":[16]`}, same}, // the video's
			{BAttr, swap{`\"maxduration\":20`, `\"maxduration\":20,\"battr\":[16]`}, same},
			{BAttr, swap{`\"maxduration\":20`, `\"maxduration\":20,\"battr\":[6]`}, swap{`"attr":[]`, `"attr":[6]`}},
			{Skip, swap{`\"maxduration\":20`, `\"maxduration\":20,\"skip\":0`}, same},
			{Bitrate, swap{`\"maxduration\":20`, `\"maxduration\":20,\"maxbitrate\":499`}, same},
			{Delivery, swap{`\"maxduration\":20`, `\"maxduration\":20,\"delivery\":[1]`}, same},
			{Linearity, swap{`\"maxduration\":20`, `\"maxduration\":20,\"linearity\":2`}, same},
			{API, same, swap{`bitrate=`, `apiFramework=\"VPAID\" bitrate=`}},
			{"", swap{`\"maxduration\":20`, `\"maxduration\":20,\"api\":[2]`}, swap{`bitrate=`, `apiFramework=\"VPAID\" bitrate=`}},
			{API, same, swap{`"mtype":4`, `"mtype":4,"api":5`}},
			{"", swap{`"battr":[3]`, `"battr":[3],"api":[5]`}, swap{`"mtype":4`, `"mtype":4,"api":5`}},
		}},
		{"deal", dealRequest, dealResponse, []change{
			{"", same, same}, // 1.1 USD, though the imp's floor is in EUR
			{"", swap{`"at":3`, `"at":1`}, swap{`"d1","price":1.0`, `"d2","price":3`}},
			{"", same, swap{`"d1","price":1.0`, `"d2","price":2.5`}},
			{BelowFloor, same, swap{`"price":1.0`, `"price":0.999999`}},
			{FixedPrice, same, swap{`"d1","price":1.0`, `"d2","price":2.51`}},
			{FixedPrice, same, swap{`"d1","price":1.0`, `"d2","price":2.49`}},
			{FloorRate, same, swap{`"d1"`, `"d3"`}},
			{DealID, same, swap{`"d1"`, `"d4"`}},
			{Private, same, swap{`"dealid":"d1","price":1.0`, `"price":10`}},
			{BelowFloor, swap{`"private_auction":1`, `"private_auction":0`}, swap{`"dealid":"d1",`, ``}},
			{DealSeat, same, swap{`"s1"`, `"s2"`}},
			{DealDomain, same, swap{`shop.example.com`, `shop.example.org`}},
		}},
		{"multi", multiRequest, multiResponse, []change{
			{"", same, same},
			{"", same, swap{`"cat":["210"]`, `"cat":["210-1"]`}}, // by Parents
			{ACat, same, swap{`"cat":["210"]`, `"cat":["211"]`}},
			{ACat, same, swap{`"cat":["210"]`, `"cat":[]`}},
			{CatTax, same, swap{`"cattax":6,`, ``}},
			{MType, same, swap{`"mtype":1,`, ``}},
			{MType, same, swap{`"mtype":1`, `"mtype":4`}},
		}},
	} {
		for _, k := range tt.cases {
			t.Run(tt.name+"/"+string(k.want)+k.request.new+k.response.new, func(t *testing.T) {
				o := Options{
					Rates:    map[string]*big.Rat{"USD": big.NewRat(1, 1), "EUR": big.NewRat(11, 10)},
					WantBURL: tt.name == "banner",
					Parents: func(_ int64, category string) string {
						parent, _, _ := strings.Cut(category, "-")
						return strings.TrimSuffix(parent, category)
					},
				}
				r, err := ParseRequest([]byte(k.request.apply(t, tt.request)), o)
				if err != nil {
					t.Fatal(err)
				}
				got := r.Check([]byte(k.response.apply(t, tt.response)))
				if k.want == "" && len(got) > 0 {
					t.Errorf("got %v, want none", got)
				}
				if k.want != "" && !has(got, k.want) {
					t.Errorf("got %v, want %s", got, k.want)
				}
				for _, v := range got {
					if v.Code != k.want && !entails[k.want] {
						t.Errorf("also got %v", v)
					}
				}
			})
		}
	}
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func has(all []Violation, code Code) bool {
	for _, v := range all {
		if v.Code == code {
			return true
		}
	}
	return false
}

func TestResponsesWithoutBids(t *testing.T) {
	r, err := ParseRequest([]byte(`{"id":"r1","imp":[{"id":"1","banner":{"w":"300","h":250}}],"tmax":"100"}`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]Code{`{"id":"r1"}`: "", `{"id":"r1","nbr":2,"seatbid":[]}`: "", `{}`: ResponseID, ``: JSON, `[]`: JSON} {
		got := r.Check([]byte(text))
		if want == "" && len(got) > 0 || want != "" && !has(got, want) {
			t.Errorf("%s: got %v, want %q", text, got, want)
		}
	}
	if _, err := ParseRequest([]byte(`{"id":`), Options{}); err == nil {
		t.Error("half a request was read")
	}
}

// Whatever comes, the validator answers.
func FuzzCheck(f *testing.F) {
	for _, seed := range [][2]string{{bannerRequest, bannerResponse}, {videoRequest, videoResponse}, {podRequest, podResponse}, {nativeRequestText, nativeResponse}, {dealRequest, dealResponse}} {
		f.Add([]byte(seed[0]), []byte(seed[1]))
	}
	f.Fuzz(func(t *testing.T, request, response []byte) {
		r, err := ParseRequest(request, Options{})
		if err != nil {
			return
		}
		for _, v := range r.Check(response) {
			if v.Code == "" {
				t.Errorf("no code in %+v", v)
			}
		}
	})
}
