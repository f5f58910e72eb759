package loadtest

import (
	"slices"
	"strings"

	"github.com/prebid/openrtb/v20/openrtb2"
	"github.com/prebid/openrtb/v20/openrtb3"
)

// violation is why an exchange refuses a bid or a response: its name in the
// statistics, and the code of the loss notice. The zero value is none.
type violation struct {
	kind string
	loss openrtb3.LossReason
}

func refuse(kind string, loss openrtb3.LossReason) violation { return violation{kind, loss} }

// checkResponse judges what holds for the response as a whole. OpenRTB 2.6
// section 4.3.1.
func checkResponse(r *bidRequest, resp *response) violation {
	switch {
	case resp.ID != r.id:
		return refuse("response_id", openrtb3.LossInvalidAuctionID)
	case resp.Cur != "" && resp.Cur != currency:
		return refuse("currency", openrtb3.LossInvalidResponse)
	}
	return violation{}
}

// currency is what every request asks for.
const currency = "USD"

// check judges one bid and fills in what the auction needs. It returns the
// index of the imp that the bid is for, or -1, and what is wrong with it.
func (b *bid) check(r *bidRequest) (index int, v violation) {
	index = slices.IndexFunc(r.imps, func(m imp) bool { return m.id == b.ImpID })
	if index < 0 {
		return index, refuse("impid", openrtb3.LossInvalidResponse)
	}
	m := &r.imps[index]
	for _, judge := range []func() violation{
		func() violation { return b.checkPrice(m) },
		b.checkFields,
		func() violation { return b.checkBlocks(r, m) },
		func() violation { return b.checkMarkup(r.exchange) },
	} {
		if v = judge(); v.kind != "" {
			break
		}
	}
	return index, v
}

func (b *bid) checkPrice(m *imp) violation {
	amount, ok := parsePrice(b.Price)
	switch {
	case !ok:
		return refuse("price", openrtb3.LossMissingBidPrice)
	case amount < m.floor:
		return refuse("below_floor", openrtb3.LossBelowAuctionFloor)
	}
	b.amount = amount
	return violation{}
}

// checkFields judges what exchanges want beside the few fields that the
// specification requires.
func (b *bid) checkFields() violation {
	switch {
	case b.ID == "":
		return refuse("bid_id", openrtb3.LossInvalidResponse)
	case b.CrID == "":
		return refuse("crid", openrtb3.LossMissingCreativeID)
	case b.CID == "":
		return refuse("cid", openrtb3.LossMissingApproval)
	case len(b.ADomain) == 0:
		return refuse("adomain", openrtb3.LossInvalidAdvertiserDomain)
	case b.AdM == "":
		return refuse("adm", openrtb3.LossMissingMarkup)
	case b.MType != 0 && b.MType != openrtb2.MarkupBanner:
		return refuse("mtype", openrtb3.LossIncorrectFormat)
	}
	for _, d := range b.ADomain {
		if d == "" || !strings.Contains(d, ".") || strings.ContainsAny(d, "/: ") {
			return refuse("adomain", openrtb3.LossInvalidAdvertiserDomain)
		}
	}
	return violation{}
}

func (b *bid) checkBlocks(r *bidRequest, m *imp) violation {
	if !slices.Contains(m.slot.sizes, size{b.W, b.H}) {
		return refuse("size", openrtb3.LossSizeNotAllowed)
	}
	for _, d := range b.ADomain {
		if slices.ContainsFunc(r.blocks.advertisers, func(blocked string) bool { return within(d, blocked) }) {
			return refuse("badv", openrtb3.LossAdvertiserExclusions)
		}
	}
	for _, c := range b.Cat {
		if slices.ContainsFunc(r.blocks.categories, func(blocked string) bool { return below(c, blocked) }) {
			return refuse("bcat", openrtb3.LossCategoryExclusions)
		}
	}
	for _, a := range b.Attr {
		if slices.Contains(m.slot.battr, a) {
			return refuse("battr", openrtb3.LossAttributeExclusions)
		}
	}
	return violation{}
}

// within says whether domain is parent or one of its subdomains.
func within(domain, parent string) bool {
	head, ok := strings.CutSuffix(strings.ToLower(domain), strings.ToLower(parent))
	return ok && (head == "" || strings.HasSuffix(head, "."))
}

// below says whether a category is parent or one of its subcategories:
// IAB7-39 is below IAB7, IAB17 is not.
func below(category, parent string) bool {
	rest, ok := strings.CutPrefix(category, parent)
	return ok && (rest == "" || rest[0] == '-')
}

// checkMarkup judges the URLs. Ours must be absolute and on loopback, since
// that is all that is followed; others are let be, and must be secure.
func (b *bid) checkMarkup(x *Exchange) violation {
	for _, u := range []struct{ kind, url string }{{"nurl", b.NURL}, {"burl", b.BURL}, {"lurl", b.LURL}} {
		if u.url != "" && !onLoopback(u.url) {
			return refuse(u.kind, openrtb3.LossInvalidResponse)
		}
	}
	if x.Billing == BillOnNotice && b.BURL == "" {
		return refuse("burl", openrtb3.LossInvalidResponse)
	}
	secure := true
	for url := range attributes(b.AdM, "img", "src") {
		if onLoopback(url) {
			b.pixel = url
		} else if strings.HasPrefix(url, "http:") {
			secure = false
		}
	}
	for url := range attributes(b.AdM, "a", "href") {
		if onLoopback(url) {
			b.click = url
		}
	}
	switch {
	case b.pixel == "":
		return refuse("pixel", openrtb3.LossCreativeFiltered)
	case !secure:
		return refuse("secure", openrtb3.LossNotSecure)
	}
	return violation{}
}
