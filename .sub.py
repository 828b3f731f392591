import re,sys
def sub(p, *pairs):
    s=open(p).read()
    for a,b in pairs:
        if a not in s: print("MISSING",p,repr(a)[:100])
        s=s.replace(a,b)
    open(p,'w').write(s)
def imp(p, line):
    """adds an import line (biome sorts)"""
    s=open(p).read()
    if line not in s: s=line+"\n"+s
    open(p,'w').write(s)
def cut(p,a,b,new=''):
    s=open(p).read(); i=s.index(a); j=s.index(b,i) if b else len(s)
    s=s[:i]+new+s[j:]; open(p,'w').write(s)
