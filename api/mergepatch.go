package api

// mergePatch applies a merge patch to a document (RFC 7396, section 2): null
// removes a member, objects merge, anything else replaces. The target is
// changed in place where it is an object; both come from parseStrict, so
// their depth is bounded.
func mergePatch(target, patch any) any {
	changes, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	object, ok := target.(map[string]any)
	if !ok {
		object = map[string]any{}
	}
	for name, v := range changes {
		if v == nil {
			delete(object, name)
		} else {
			object[name] = mergePatch(object[name], v)
		}
	}
	return object
}
