package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

const specification = `{"ociVersion":"1.2.1","process":{"oomScoreAdj":-999,"rlimits":[{"type":"RLIMIT_NOFILE","hard":1048576,"soft":1}],
"capabilities":{"bounding":["CAP_CHOWN","CAP_SYS_RESOURCE"],"effective":["CAP_SYS_RESOURCE"]}},
"linux":{"resources":{"pids":{"limit":0},"memory":{"limit":9223372036854775807}}}}`

func bounded(t *testing.T, bounds map[string]bool) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(path, []byte(specification), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := rewrite(path, func(spec object) { boundSpecification(spec, bounds) }); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestWhatIsOutsideOfTheBoundsIsTakenOut(t *testing.T) {
	got := bounded(t, map[string]bool{"CAP_CHOWN": true})
	want := `{"linux":{"resources":{"memory":{"limit":9223372036854775807}}},"ociVersion":"1.0.2",` +
		`"process":{"capabilities":{"bounding":["CAP_CHOWN"],"effective":[]}}}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestLimitsStayWhereTheyCanBeSet(t *testing.T) {
	var spec object
	if err := json.Unmarshal([]byte(bounded(t, map[string]bool{"CAP_SYS_RESOURCE": true})), &spec); err != nil {
		t.Fatal(err)
	}
	process := spec["process"].(object)
	if process["rlimits"] == nil || process["oomScoreAdj"] == nil {
		t.Errorf("rlimits or oomScoreAdj taken out of %v", process)
	}
}
