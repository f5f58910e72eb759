package central

import "errors"

// send publishes a message in as many parts as it takes. buffer is reused and
// returned.
func send(bus Bus, subject string, m *message, buffer []byte) ([]byte, error) {
	var errs []error
	for _, part := range m.split() {
		buffer = part.encode(buffer)
		errs = append(errs, bus.Publish(subject, buffer))
	}
	return buffer, errors.Join(errs...)
}

// Versions of multipliers have the epoch in front, so that they grow from one
// controller to the next. Epochs grow at least with the milliseconds of time,
// so ticks that are too many for their bits catch no later one up.
const (
	tickBits = 21
	maxEpoch = 1 << 42
)

func versionOf(epoch, tick uint64) uint64 { return epoch<<tickBits + tick }
