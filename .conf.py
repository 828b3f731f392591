import re,subprocess,sys
files=subprocess.run(['git','diff','--name-only','--diff-filter=U'],capture_output=True,text=True).stdout.split()
for p in files:
    s=open(p).read()
    def r(m):
        a,b=m.group(1).splitlines(),m.group(2).splitlines()
        if all(l.startswith('import') or l.strip()=='' for l in a+b):
            out=[]
            for l in a+b:
                if l not in out: out.append(l)
            return '\n'.join(out)+'\n'
        print('HAND',p); print(m.group(0)[:1500]); return m.group(0)
    s=re.sub(r'<<<<<<< [^\n]*\n(.*?)=======\n(.*?)>>>>>>> [^\n]*\n',r,s,flags=re.S)
    open(p,'w').write(s)
