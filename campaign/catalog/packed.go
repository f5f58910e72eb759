package catalog

import (
	"reflect"
	"slices"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// lineItemDef is a line item as it was entered, without what bidders need not
// know. It is kept for every line item, so its targeting is packed.
type lineItemDef struct {
	ID         event.LineItemID
	CampaignID event.CampaignID
	Status     campaign.Status
	Flight     campaign.Flight
	Budget     campaign.Budget
	Goal       campaign.Goal
	MaxBidCPM  money.Nanos
	ClickRate  float64
	OrderRate  float64 // per impression
	OrderValue money.Nanos
	Limits     campaign.Limits
	Delivery   float64
	Rotation   campaign.Rotation

	Targeting     packed
	FrequencyCaps []campaign.FrequencyCap
	Curve         campaign.FrequencyCurve
	Modifiers     []packedModifier
}

type packedModifier struct {
	when   packed
	factor float64
}

func defOf(d *campaign.LineItem) lineItemDef {
	def := lineItemDef{
		ID: d.ID, CampaignID: d.CampaignID, Status: d.Status, Flight: d.Flight, Budget: d.Budget, Goal: d.Goal,
		MaxBidCPM: d.MaxBidCPM, ClickRate: d.ClickRate, OrderRate: d.OrdersPerImpression(), OrderValue: d.OrderValue, Limits: d.Limits, Delivery: d.MinDelivery,
		Rotation:  d.Rotation,
		Targeting: packTargeting(&d.Targeting), FrequencyCaps: d.FrequencyCaps, Curve: d.Curve,
	}
	for i := range d.Modifiers {
		def.Modifiers = append(def.Modifiers, packedModifier{packTargeting(&d.Modifiers[i].When), d.Modifiers[i].Factor})
	}
	return def
}

func (d *lineItemDef) modifiers() (all []campaign.Modifier) {
	for i := range d.Modifiers {
		all = append(all, campaign.Modifier{When: d.Modifiers[i].when.unpack(), Factor: d.Modifiers[i].factor})
	}
	return all
}

// packed is a targeting's fields that are given. A campaign.Targeting takes
// 2 KB, of which most line items use a tenth.
type packed []packedField

type packedField struct {
	field int
	value any
}

func packTargeting(t *campaign.Targeting) (p packed) {
	v := reflect.ValueOf(t).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); !f.IsZero() {
			p = append(p, packedField{i, f.Interface()})
		}
	}
	return p
}

func (p packed) unpack() (t campaign.Targeting) {
	v := reflect.ValueOf(&t).Elem()
	for _, f := range p {
		v.Field(f.field).Set(reflect.ValueOf(f.value))
	}
	return t
}

// names says whether the line item names an inventory list.
func (d *lineItemDef) names(id campaign.InventoryListID) bool {
	return d.Targeting.names(id) || slices.ContainsFunc(d.Modifiers, func(m packedModifier) bool { return m.when.names(id) })
}

func (p packed) names(id campaign.InventoryListID) bool {
	return slices.ContainsFunc(p, func(f packedField) bool {
		l, ok := f.value.(campaign.List[campaign.InventoryListID])
		return ok && (slices.Contains(l.Include, id) || slices.Contains(l.Exclude, id))
	})
}
