package audience

import (
	"time"

	"github.com/tangent-dsp/tangent/openrtb"
)

// maxAge is the age above which a year of birth is a mistake or a joke.
const maxAge = 120

// Person is what a request says about its user.
type Person struct {
	// Age is the years that the person has reached for certain; 0 when that is
	// not known. A request gives a year of birth: until the birthday one is
	// younger, and an age that is asked for by law must have been reached.
	Age    int
	Gender byte // 'M', 'F', 'O'; 0 when not known
	// What the person is interested in, as data providers say. They are the
	// request's, and valid until it is released.
	Keywords [][]byte
	Data     []openrtb.DataSegment
}

// PersonOf returns what a request says about its user at an instant, if the
// permit is to select ads; else nothing.
func PersonOf(p Permit, r *openrtb.Request, now time.Time) Person {
	if !p.Allows(SelectAds) {
		return Person{}
	}
	said := r.UserAttributes()
	person := Person{Gender: said.Gender, Keywords: said.Keywords, Data: said.Data}
	if said.YearOfBirth > 0 {
		if age := now.UTC().Year() - said.YearOfBirth - 1; age > 0 && age <= maxAge {
			person.Age = age
		}
	}
	return person
}
