package asl

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// typeFields lists the fields of each type of state beside Type, Comment and
// QueryLanguage; pathFields and queryFields those that belong to one language.
func typeFields() map[string]string {
	return map[string]string{
		"Pass":     "Next End Assign",
		"Task":     "Next End Assign Resource Retry Catch TimeoutSeconds HeartbeatSeconds Credentials",
		"Parallel": "Next End Assign Branches Retry Catch",
		"Map": "Next End Assign ItemProcessor Iterator ItemReader ItemSelector ItemBatcher ResultWriter Label MaxConcurrency " +
			"ToleratedFailureCount ToleratedFailurePercentage Retry Catch",
		"Choice":  "Assign Choices Default",
		"Wait":    "Next End Assign Seconds Timestamp",
		"Succeed": "",
		"Fail":    "Error Cause",
	}
}

func pathFields() map[string]string {
	return map[string]string{
		"Pass":     "InputPath OutputPath ResultPath Result Parameters",
		"Task":     "InputPath OutputPath ResultPath Parameters ResultSelector TimeoutSecondsPath HeartbeatSecondsPath",
		"Parallel": "InputPath OutputPath ResultPath Parameters ResultSelector",
		"Map": "InputPath OutputPath ResultPath Parameters ResultSelector ItemsPath MaxConcurrencyPath ToleratedFailureCountPath " +
			"ToleratedFailurePercentagePath",
		"Choice":  "InputPath OutputPath",
		"Wait":    "InputPath OutputPath SecondsPath TimestampPath",
		"Succeed": "InputPath OutputPath",
		"Fail":    "ErrorPath CausePath",
	}
}

func queryFields() map[string]string {
	return map[string]string{
		"Pass": "Output", "Task": "Arguments Output", "Parallel": "Arguments Output", "Map": "Items Output",
		"Choice": "Output", "Wait": "Output", "Succeed": "Output", "Fail": "",
	}
}

// language fields that are refused in a state of the other language, with why.
func foreignFields(stateType string, jsonata bool) map[string]string {
	fields, why := queryFields()[stateType], `belongs to JSONata: set "QueryLanguage": "JSONata" to use it`
	if jsonata {
		fields, why = pathFields()[stateType], "belongs to JSONPath, this state's language is JSONata"
	}
	out := map[string]string{}
	for _, f := range strings.Fields(fields) {
		out[f] = why
	}
	return out
}

func (p *parser) state(m *member, path string) *State {
	n := m.value
	s := &State{Name: m.key, Path: path, node: n, nameOff: m.keyOff, nameEnd: m.keyEnd}
	switch {
	case m.key == "" || utf8.RuneCountInString(m.key) > 80:
		p.aws(p.atKey(m, "a state's name has 1 to 80 characters, this one %d", utf8.RuneCountInString(m.key)), "INVALID_STATE_NAME", path, "State name must have 1 to 80 characters")
	case p.names[m.key] != nil:
		p.aws(p.atKey(m, "the state name %q is used twice: names are unique in the whole machine", m.key).
			WithHint("the other one is %s", p.names[m.key].Path), "DUPLICATE_STATE_NAME", path, "Duplicate State name: %s", m.key)
	}
	p.names[m.key] = s
	if n.kind != '{' {
		p.aws(p.atValue(n, "state %q must be an object", m.key), schemaFailed, path, "Expected value of type Object")
		return s
	}
	p.m.states = append(p.m.states, s)
	what := fmt.Sprintf("state %q", m.key)
	if !p.required(n, m.keyOff, m.keyEnd, path, what, "Type") {
		return s
	}
	t := n.get("Type")
	s.Type = p.str(n, "Type")
	known, ok := typeFields()[s.Type]
	if !ok {
		e := p.atValue(t.value, "%s has the unknown type %q", what, s.Type)
		var types []string
		for name := range typeFields() {
			types = append(types, name)
		}
		if near := Nearest(s.Type, types); near != "" {
			e.Hint = fmt.Sprintf("did you mean %q?", near)
		}
		p.aws(e, schemaFailed, in(s, "Type"), "Value is not one of: [Choice, Fail, Map, Parallel, Pass, Succeed, Task, Wait]")
		return s
	}
	p.stateLanguage(s, what)
	own := pathFields()[s.Type]
	if s.JSONata {
		own = queryFields()[s.Type]
	}
	p.fields(n, what, strings.Fields("Type Comment QueryLanguage "+known+" "+own), foreignFields(s.Type, s.JSONata))
	p.str(n, "Comment")
	p.dataFlow(s)
	p.ending(s, what)
	p.byType(s, what)
	return s
}

func (p *parser) stateLanguage(s *State, what string) {
	l := p.language(s.node, what)
	s.JSONata = l == "JSONata" || l == "" && p.whole
	if l == "JSONPath" && p.whole {
		q := s.node.get("QueryLanguage")
		p.aws(p.atValue(q.value, "%s: QueryLanguage cannot be JSONPath in a machine that is JSONata as a whole", what), schemaFailed, s.Path,
			"'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine")
	}
}

// ending reads Next and End.
func (p *parser) ending(s *State, what string) {
	next, end := s.node.get("Next"), s.node.get("End")
	s.Next = p.str(s.node, "Next")
	isEnd := p.boolean(s.node, "End")
	switch s.Type {
	case "Choice", "Succeed", "Fail":
	default:
		if next != nil && isEnd {
			p.aws(p.atKey(end, "%s has both Next and End", what), schemaFailed, s.Path, "'Next' and 'End' are mutually exclusive")
		}
		if next == nil && !isEnd {
			p.aws(p.fail(s.nameOff, s.nameEnd, "%s needs a Next field or \"End\": true", what), schemaFailed, s.Path, "State must have either 'Next' or 'End'")
		}
	}
}

func (p *parser) byType(s *State, what string) {
	switch s.Type {
	case "Pass":
		if r := s.node.get("Result"); r != nil {
			v := r.value.value()
			s.Result = &v
		}
	case "Task":
		p.task(s, what)
	case "Parallel":
		p.parallel(s, what)
	case "Map":
		p.mapState(s, what)
	case "Choice":
		p.choices(s, what)
	case "Wait":
		p.wait(s, what)
	case "Fail":
		s.Error = p.value(s, s.node, "Error", p.textField)
		s.Cause = p.value(s, s.node, "Cause", p.textField)
	}
}

func (p *parser) dataFlow(s *State) {
	n := s.node
	if m := n.get("Assign"); m != nil && s.Type != "Succeed" && s.Type != "Fail" {
		s.assign = p.assignment(m, "Assign", s.JSONata)
	}
	if s.JSONata {
		if m := n.get("Arguments"); m != nil {
			s.argument = p.payload(m.value, "Arguments", true)
		}
		if m := n.get("Output"); m != nil {
			s.result = p.payload(m.value, "Output", true)
		}
		return
	}
	s.input = p.pathField(n, "InputPath", false)
	s.output = p.pathField(n, "OutputPath", false)
	s.resultPath = p.pathField(n, "ResultPath", true)
	if m := n.get("Parameters"); m != nil {
		s.argument = p.payload(m.value, "Parameters", false)
	}
	if m := n.get("ResultSelector"); m != nil {
		s.resultSelector = p.template(m.value)
	}
}

// assignment reads Assign, an object whose keys are names of variables.
func (p *parser) assignment(m *member, field string, jsonata bool) *Payload {
	if m.value.kind != '{' {
		p.aws(p.atValue(m.value, "Assign must be an object"), schemaFailed, "", "Expected value of type Object")
		return nil
	}
	for i := range m.value.members {
		x := &m.value.members[i]
		name := x.key
		if !jsonata {
			name = strings.TrimSuffix(name, ".$")
		}
		if err := checkVariable(name); err != nil {
			p.atKey(x, "Assign: %w", err)
		}
	}
	return p.payload(m.value, field, jsonata)
}

// template compiles a payload template.
func (p *parser) template(n *node) *Template {
	switch n.kind {
	case '{':
		t := &Template{object: true}
		for i := range n.members {
			m := &n.members[i]
			name, computed := strings.CutSuffix(m.key, ".$")
			if !computed {
				t.members = append(t.members, templateMember{name: m.key, sub: p.template(m.value)})
				continue
			}
			const aws = "The value for the field '%s' must be a valid JSONPath or a valid intrinsic function call"
			if m.value.kind != '"' {
				e := p.atValue(m.value, "the value of %q must be a path or a function, in quotes", m.key)
				p.aws(e, schemaFailed, parent(p.locate(e)), aws, m.key)
				continue
			}
			x, err := ParseExpr(m.value.text)
			if err != nil {
				e := p.atValue(m.value, "the value of %q must be a valid path or function: %w", m.key, err)
				p.aws(e, schemaFailed, parent(p.locate(e)), aws, m.key)
				continue
			}
			t.members = append(t.members, templateMember{name: name, expr: x})
		}
		return t
	case '[':
		t := &Template{list: true}
		for _, x := range n.items {
			t.items = append(t.items, p.template(x))
		}
		return t
	}
	return &Template{value: n.value()}
}

func parent(location string) string {
	if i := strings.LastIndexByte(location, '/'); i > 0 {
		return location[:i]
	}
	return "/"
}

func (p *parser) task(s *State, what string) {
	if p.required(s.node, s.nameOff, s.nameEnd, s.Path, what, "Resource") {
		s.Resource = p.str(s.node, "Resource")
		p.resource(s, s.node.get("Resource").value, what)
	}
	s.Timeout = p.value(s, s.node, "TimeoutSeconds", p.positive)
	s.Heartbeat = p.value(s, s.node, "HeartbeatSeconds", p.positive)
	if h, ok := wholeOf(s.Heartbeat); ok {
		if t, ok := wholeOf(s.Timeout); ok && h >= t {
			p.atKey(s.node.get("HeartbeatSeconds"), "%s: HeartbeatSeconds must be smaller than TimeoutSeconds", what)
		}
	}
	if c := s.node.get("Credentials"); c != nil {
		p.credentials(s, c)
	}
	p.handlers(s, what)
}

func (p *parser) credentials(s *State, c *member) {
	if c.value.kind != '{' && !(s.JSONata && c.value.kind == '"' && isExpression(c.value.text)) {
		p.aws(p.atValue(c.value, "Credentials must be an object with a RoleArn"), schemaFailed, "", "Expected value of type Object")
		return
	}
	if c.value.kind == '{' && c.value.get("RoleArn") == nil && c.value.get("RoleArn.$") == nil {
		p.aws(p.atKey(c, "Credentials needs a RoleArn field"), schemaFailed, in(s, "Credentials"), "The field 'RoleArn' is required but was missing")
	}
	s.Credentials = p.payload(c.value, "Credentials", s.JSONata)
}

// resource checks the shape of a task's resource and refuses what cannot be run.
func (p *parser) resource(s *State, n *node, what string) {
	parts := strings.SplitN(s.Resource, ":", 6)
	at := in(s, "Resource")
	if s.Resource == "" {
		return
	}
	if len(parts) < 6 || parts[0] != "arn" || parts[2] == "" {
		p.aws(p.atValue(n, "%s: the resource %q is not an ARN", what, s.Resource).
			WithHint(`a Glue job is started by "arn:aws:states:::glue:startJobRun.sync"`), schemaFailed, at, "Value is not a valid resource ARN")
		return
	}
	if !p.m.Express {
		return
	}
	refuse := func(what, aws string) {
		p.aws(p.atValue(n, "state %q: %s does not work in an EXPRESS machine", s.Name, what), schemaFailed, at, "%s", aws)
	}
	kind, _ := IntegrationOf(s.Resource)
	switch {
	case IsActivity(s.Resource):
		refuse("an activity", "Express state machine does not support Activity ARN ")
	case kind == WaitForToken:
		refuse("waiting for a task token (.waitForTaskToken)", "Express state machine does not support '.waitForTaskToken' service integration ")
	case kind == RunJob:
		refuse("waiting for the end of a job (.sync)", "Express state machine does not support '.sync' service integration ")
	}
}

// Integration is how a task waits for what it starts.
type Integration int

const (
	// RequestResponse tasks end with the answer to their request.
	RequestResponse Integration = iota
	// RunJob tasks (.sync, .sync:2) end with the job that they start.
	RunJob
	// WaitForToken tasks (.waitForTaskToken) end when somebody sends their token back.
	WaitForToken
)

// IntegrationOf tells how a resource waits, and the resource without that word.
func IntegrationOf(resource string) (Integration, string) {
	for suffix, kind := range map[string]Integration{".sync": RunJob, ".sync:2": RunJob, ".waitForTaskToken": WaitForToken} {
		if rest, ok := strings.CutSuffix(resource, suffix); ok {
			return kind, rest
		}
	}
	return RequestResponse, resource
}

// IsActivity tells whether a resource is an activity, whose work is fetched by workers.
func IsActivity(resource string) bool {
	parts := strings.SplitN(resource, ":", 6)
	return len(parts) == 6 && parts[2] == "states" && strings.HasPrefix(parts[5], "activity:")
}

func (p *parser) parallel(s *State, what string) {
	b := s.node.get("Branches")
	switch {
	case !p.required(s.node, s.nameOff, s.nameEnd, s.Path, what, "Branches"):
	case b.value.kind != '[' || len(b.value.items) == 0:
		p.aws(p.atValue(b.value, "Branches must be a list with at least one branch"), schemaFailed, in(s, "Branches"), "Value cannot be empty")
	default:
		for i, x := range b.value.items {
			name := fmt.Sprintf("branch %d of %s", i+1, what)
			if x.kind != '{' {
				p.aws(p.atValue(x, "%s must be an object", name), schemaFailed, "", "Expected value of type Object")
				continue
			}
			p.fields(x, name, []string{"StartAt", "States", "Comment"}, nil)
			s.Branches = append(s.Branches, p.flow(x, name, fmt.Sprintf("%s/Branches[%d]", s.Path, i)))
		}
	}
	p.handlers(s, what)
}

func (p *parser) wait(s *State, what string) {
	names := []string{"Seconds", "SecondsPath", "Timestamp", "TimestampPath"}
	count := 0
	for _, f := range names {
		if s.node.get(f) != nil {
			count++
		}
	}
	if count != 1 {
		p.aws(p.fail(s.nameOff, s.nameEnd, "%s needs exactly one of Seconds, SecondsPath, Timestamp and TimestampPath, it has %d", what, count),
			schemaFailed, s.Path, "Exactly one of [Seconds, SecondsPath, Timestamp, TimestampPath] is required")
	}
	s.Seconds = p.value(s, s.node, "Seconds", p.nonNegative)
	s.Timestamp = p.value(s, s.node, "Timestamp", p.timestamp)
}
