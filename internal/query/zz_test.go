package query_test
import ("testing";"os";"strings")
func TestZZ(t *testing.T){
 s:=session(t)
 for _,q:=range strings.Split(os.Getenv("ZZ"),";;") {
  a:=ask(t,s,oracleCase{SQL:q}); t.Log(q,"\n",a.lowered,"\n",a.rows,a.err)
 }
}
