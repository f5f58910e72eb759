package catalog

import (
	"errors"
	"reflect"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/openrtb"
)

// modifier multiplies the value of what its rules take.
type modifier struct {
	rules  rules
	factor float64
}

// Factor returns what a query multiplies a line item's value by: the factors
// of the modifiers that apply, in their order, the product kept within
// campaign.MinFactor and campaign.MaxFactor; then the frequency curve's. It
// does not allocate.
func (li *LineItem) Factor(q *Query) float64 {
	f := 1.0
	for i := range li.modifiers {
		if m := &li.modifiers[i]; m.rules.refuses(q, li) == openrtb.None {
			f *= m.factor
		}
	}
	if len(li.modifiers) > 0 {
		f = min(max(f, campaign.MinFactor), campaign.MaxFactor)
	}
	if len(li.curve.Factors) > 0 {
		f *= li.curve.Factor(q.Exposures, q.Now, li.owners())
	}
	return f
}

func (li *terms) setModifiers(all []campaign.Modifier, b *book) error {
	for i := range all {
		m := &all[i]
		if !(m.Factor >= campaign.MinFactor && m.Factor <= campaign.MaxFactor) {
			return errors.New("a bid modifier is out of range")
		}
		c := modifier{factor: m.Factor}
		if err := c.rules.compile(&m.When, b); err != nil {
			return err
		}
		if s := m.When.Sizes; !s.IsZero() {
			li.BySize = true
			c.rules.add(&sizeRule{sizesOf(s.Include), sizesOf(s.Exclude)})
		}
		li.modifiers = append(li.modifiers, c)
	}
	return nil
}

func sizesOf(all []campaign.Size) (sizes []openrtb.Size) {
	for _, s := range all {
		sizes = append(sizes, openrtb.Size{W: s.W, H: s.H})
	}
	return sizes
}

// greatestFactor returns at least as much as the modifiers can multiply a
// value by. Modifiers that cannot apply together, since they include
// different values of one thing that a request has one of, count once: bounds
// that are too high make walks long.
func greatestFactor(all []campaign.Modifier) float64 {
	type group struct {
		taken map[any]bool
		most  float64
	}
	product, groups := 1.0, map[string]*group{}
	for i := range all {
		field, values := sole(&all[i].When)
		g := groups[field]
		if g == nil {
			g = &group{map[any]bool{}, 1}
			groups[field] = g
		}
		apart := field != ""
		for _, v := range values {
			apart = apart && !g.taken[v]
		}
		if !apart {
			product *= max(all[i].Factor, 1)
			continue
		}
		for _, v := range values {
			g.taken[v] = true
		}
		g.most = max(g.most, all[i].Factor)
	}
	for _, g := range groups {
		product *= g.most
	}
	// Rounding in another order must not make it less than a product of some.
	return min(product*(1+1e-9), campaign.MaxFactor)
}

// single are the fields of which a request has one value at most.
var single = map[string]bool{"Exchanges": true, "Countries": true, "Regions": true, "Metros": true, "DeviceTypes": true, "Connections": true, "Genders": true}

// sole returns the one field that a targeting restricts and the values that
// it includes, if it is a field of which a request has one value at most.
func sole(t *campaign.Targeting) (field string, included []any) {
	v := reflect.ValueOf(t).Elem()
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			continue
		}
		name := v.Type().Field(i).Name
		if field != "" || !single[name] {
			return "", nil
		}
		field = name
	}
	if field == "" {
		return "", nil
	}
	list := v.FieldByName(field).FieldByName("Include")
	for i := range list.Len() {
		included = append(included, list.Index(i).Interface())
	}
	if len(included) == 0 {
		return "", nil
	}
	return field, included
}
