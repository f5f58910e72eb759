package loadtest

import (
	"slices"

	"github.com/prebid/openrtb/v20/openrtb3"

	"github.com/tangent-dsp/tangent/loadtest/validate"
)

// currency is what every request asks for.
const currency = "USD"

// violation is why an exchange refuses a bid or a response: its name in the
// statistics, and the code of the loss notice. The zero value is none.
type violation struct {
	kind string
	loss openrtb3.LossReason
}

func refuse(kind string, loss openrtb3.LossReason) violation { return violation{kind, loss} }

// losses is what the bidder is told of what package validate finds (OpenRTB
// 2.6 list "Loss Reason Codes"); an invalid response for what is not here.
var losses = map[validate.Code]openrtb3.LossReason{
	validate.ResponseID: openrtb3.LossInvalidAuctionID,
	validate.Seat:       openrtb3.LossSeatBlocked,
	validate.Price:      openrtb3.LossMissingBidPrice,
	validate.BelowFloor: openrtb3.LossBelowAuctionFloor,
	validate.DealID:     openrtb3.LossInvalidDealID,
	validate.CrID:       openrtb3.LossMissingCreativeID,
	validate.CID:        openrtb3.LossMissingApproval,
	validate.ADomain:    openrtb3.LossInvalidAdvertiserDomain,
	validate.AdM:        openrtb3.LossMissingMarkup,
	validate.MType:      openrtb3.LossIncorrectFormat,
	validate.Size:       openrtb3.LossSizeNotAllowed,
	validate.BAdv:       openrtb3.LossAdvertiserExclusions,
	validate.BApp:       openrtb3.LossAppBundleExclusions,
	validate.BCat:       openrtb3.LossCategoryExclusions,
	validate.ACat:       openrtb3.LossCategoryExclusions,
	validate.BAttr:      openrtb3.LossAttributeExclusions,
	validate.BType:      openrtb3.LossAdTypeExclusions,
	validate.WLang:      openrtb3.LossLanguageExclusions,
	validate.WLangB:     openrtb3.LossLanguageExclusions,
	validate.Insecure:   openrtb3.LossNotSecure,
}

// judgement is what is wrong with a response: with all of it, and the first
// thing with each bid, by the indexes of its seat and itself.
type judgement struct {
	response violation
	bids     map[[2]int]violation
}

// mayBillInVAST says whether bids may be for video or audio, where the
// impression in VAST stands for the billing notice.
func (r *bidRequest) mayBillInVAST() bool {
	return slices.ContainsFunc(r.imps, func(m imp) bool { return m.slot != nil && (m.slot.field == "video" || m.slot.field == "audio") })
}

// judge holds a response to its request.
func (r *bidRequest) judge(body []byte) (judgement, error) {
	request, err := validate.ParseRequest(r.body, validate.Options{WantBURL: r.exchange.Billing == BillOnNotice && !r.mayBillInVAST()})
	if err != nil {
		return judgement{}, err
	}
	j := judgement{bids: map[[2]int]violation{}}
	for _, f := range request.Check(body) {
		loss, ok := losses[f.Code]
		if !ok {
			loss = openrtb3.LossInvalidResponse
		}
		v, at := refuse(string(f.Code), loss), [2]int{f.Seat, f.Bid}
		switch {
		case f.Bid < 0 && j.response == (violation{}):
			j.response = v
		case j.bids[at] == (violation{}):
			j.bids[at] = v
		}
	}
	return j, nil
}

// prepare fills in what the auction needs of a bid in which nothing is wrong,
// and refuses what this exchange could not play: prices that money cannot
// show, notices that lead elsewhere, markup without our pixel. It returns the
// index of the imp that the bid is for, or -1.
func (b *bid) prepare(r *bidRequest, to reach, found violation) (index int, v violation) {
	index = slices.IndexFunc(r.imps, func(m imp) bool { return m.id == b.ImpID })
	if found != (violation{}) {
		return index, found
	}
	amount, ok := parsePrice(b.Price)
	if !ok {
		return index, refuse(string(validate.Price), openrtb3.LossMissingBidPrice)
	}
	b.amount = amount
	for _, u := range []struct {
		kind validate.Code
		url  string
	}{{validate.NURL, b.NURL}, {validate.BURL, b.BURL}, {validate.LURL, b.LURL}} {
		if u.url != "" && !to.url(u.url) {
			return index, refuse(string(u.kind), openrtb3.LossInvalidResponse)
		}
	}
	b.findTrackers(to)
	if b.pixel == "" {
		return index, refuse("pixel", openrtb3.LossCreativeFiltered)
	}
	return index, violation{}
}
