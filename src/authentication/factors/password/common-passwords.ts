/**
 * Frequent passwords of at least eight characters, in lower case. Attackers try these first (NIST SP 800-63B §3.1.1.2).
 * Words that are repeated, and runs such as `12345678`, are found by rule and need no entry.
 */
export const commonPasswords: ReadonlySet<string> = new Set(
  `
  0123456789 10203040 11223344 1122334455 12121212 121212121 123123123 1231231234 123321123 12341234 1234512345
  123451234 123454321 123456654321 1234567a 12345678a 123456789a 1234567890a 1234567q 12345678q 123456789q 123456abc
  1234abcd 123654789 123698745 1237895 1357924680 13579135 147258369 147852369 14789632 159357159 159753159 159753456
  19216811 192837465 19841984 19851985 19861986 19871987 19881988 19891989 19901990 1a2b3c4d 1a2s3d4f 1g2w3e4r
  1q2w3e4r 1q2w3e4r5 1q2w3e4r5t 1q2w3e4r5t6y 1q2w3e4r! 1qaz1qaz 1qaz2wsx 1qaz2wsx3edc 1qaz@wsx 1qaz!qaz 1qazxsw2
  20202020 21122112 22446688 24681012 25802580 31415926 314159265 36925814 3rjs1la7qe 456456456 456789123 4815162342
  55555555a 741852963 74108520 753951456 789456123 7894561230 789789789 852456852 87654321a 963852741 987456321
  987654321a 98765432a a123456789 a12345678 a1234567 a1b2c3d4 a1b2c3d4e5 a1s2d3f4 aa123456 aa12345678 aa123456789
  abc12345 abc123456 abc1234567 abc123abc abc123def abcd1234 abcd12345 abcd123456 abcdef12 abcdefg1 access14
  adgjmptw admin123 admin1234 admin12345 admin123456 admin@123 admin888 adminadmin administrator adobe123 alexander
  alejandra alejandro alexandra alexandre amsterdam anastasia andromeda angelica angelina anthony1 antonio1 apple123
  aquarius arizona1 asdasd123 asdf1234 asdfasdf asdfgh123 asdfghjk asdfghjkl asdfghjkl1 asdqwe123 ashley123
  asshole1 atlantis australia azerty123 azertyui azertyuiop babygirl babygirl1 backspace badminton barcelona
  baseball baseball1 basketball batman123 battlefield bigdaddy billabong birthday blackjack blahblah blink182
  bluebird bollocks bonjour1 brandon1 brooklyn brucelee bulldogs bullshit business buster123 butterfly butthead
  california cameron1 cardinal carolina caroline celtic1888 cerberus cerberus1 champion changeme changeme1
  changeme123 changeit charlie1 charlotte chelsea1 chemistry chester1 chevelle chicago1 chicken1 chocolate
  christian christina christine christopher cinderella claudia1 clevelan clifford cocacola colorado computer
  computer1 consumer cookie123 corvette counterstrike courtney cowboys1 creative cristian cristina crystal1
  dallas123 daniel123 danielle database december default1 demo1234 diamond1 dictionary dinosaur director discover
  dolphin1 dolphins dominic1 download dragon12 dragon123 dragonball drowssap dutchess einstein elephant elizabeth
  emmanuel enterprise entropia estrella everton1 explorer facebook facebook1 fernando ferrari1 fireball firebird
  firefox1 fireman1 florence flowers1 football football1 football123 forever1 forgotten formula1 forsaken
  francesco francisco freedom1 freepass friends1 friendship frontier fuckyou1 fuckyou123 fuckyou2 gabriela
  gabriele gangster garfield gateway1 geronimo gfhjkmgfhjkm giuseppe godzilla goldfish goodluck google123 gorgeous
  greatest greenday guadalupe guest123 guitar123 gwerty123 hallo123 hamilton hannover hardcore hardware heather1
  hello123 hello1234 hellokitty hellohello helpdesk hercules hihihihi hollywood homework honeybee hotmail1 hottie101
  iceman123 iloveme1 iloveyou iloveyou! iloveyou1 iloveyou12 iloveyou123 iloveyou2 iloveu123 infinity inuyasha
  internet internet1 isabella isabelle italia90 jacqueline jennifer jennifer1 jessica1 jesus123 jonathan jordan23
  jordan123 josephine justinbieber katherine kathleen kawasaki kimberly kingkong klaster1 knight123 komputer
  kristina lacrosse lakers24 lasvegas legolas1 letmein! letmein1 letmein12 letmein123 letmeinnow liberty1 lifehack
  lightning liverpool liverpool1 login123 lollipop london123 loveless lovelove loveyou1 lovers123 lucky123 macbook1
  manchester margarita mariposa marlboro marseille master12 master123 matthew1 maverick mazda323 megadeth mercedes
  merlin123 metallica mexico123 michael1 michael123 michelle microsoft midnight millenium millennium minecraft
  mississippi mitchell monalisa money123 monkey12 monkey123 monster1 montana1 mosquito motdepasse motherfucker
  motorola mountain mustang1 myspace1 mypassword mysecret napoleon nashville nathalie newpassword newyork1
  nicholas nicholas1 nintendo nirvana1 november number11 october1 oklahoma olivia123 onelove1 operator opensesame
  p455w0rd p4ssw0rd p4ssword p@$$w0rd p@$$word p@ssw0rd p@ssw0rd1 p@ssw0rd123 p@ssword p@ssword1 p@ssword123
  pa$$w0rd pa$$word pa55w0rd pa55word pakistan panasonic panther1 paradise parola12 pass1234 pass12345 pass123456
  pass@123 pass@word1 passord1 passpass passw0rd passw0rd! passw0rd1 passw0rd123 passwd123 passwort passwort1
  passwort123 password password! password!1 password0 password01 password1 password1! password10 password11
  password12 password12! password123 password123! password1234 password12345 password13 password2 password21
  password22 password23 password3 password4 password5 password6 password7 password8 password9 password99 password@1
  password@123 passwordpassword patricia patrick1 pavilion peaches1 penelope pepper123 phantom1 phoenix1 photoshop
  pikachu1 pineapple pinkfloyd platinum playboy1 playstation pokemon1 pokemon123 police123 porsche1 porsche911
  portugal precious predator princesa princess princess1 princess12 princess123 professional property public123
  pussycat q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 q12345678 qawsedrf qazwsx12 qazwsx123 qazwsxed qazwsxedc qazwsxedcrfv
  qazxsw123 qwaszx12 qwe123456 qweasd123 qweasdzx qweasdzxc qweqweqwe qwer1234 qwer12345 qwerasdf qwert123 qwert1234
  qwert12345 qwerty00 qwerty01 qwerty1! qwerty11 qwerty12 qwerty123 qwerty123! qwerty1234 qwerty12345 qwerty123456
  qwerty321 qwerty777 qwertyqwerty qwertyu1 qwertyui qwertyuiop qwertyuiop1 qwertyuiop123 qwertz123 qwertzui
  qwertzuiop rainbow1 rammstein raspberry rebecca1 redskins registration research rockstar rockyou1 rolltide
  romantic root1234 rootroot rosebud1 runescape runescape1 ronaldo7 samantha samantha1 samsung1 samsung123 sandiego
  santiago sapphire saturday scarface scorpion scotland sebastian secret12 secret123 secretsecret security
  september serenity sergey123 service1 shadow12 shadow123 shamrock sherlock shopping silverado simpsons skateboard
  skywalker slipknot slipknot1 snickers snowball snowboard software soccer10 soccer12 soccer123 southpark
  spiderman spiderman1 spitfire sporting squirrel starcraft stardust startfinding startrek starwars starwars1
  steelers stephanie stephen1 steven123 strawberry student1 summer01 summer12 summer123 sunflower sunshine sunshine1
  sunshine12 sunshine123 superman superman1 superman123 superstar superuser support1 supervisor swordfish sylvester
  system32 taekwondo taurus123 teddybear temp1234 temppass temporary tennessee terminal terminator test1234 test12345
  test123456 testing1 testing123 testtest testuser texas123 thailand theodore therock1 thirteen thunder1 thunderbird
  tigger12 tigger123 timberlake tinkerbell titanic1 tokyo123 toor1234 tottenham toyota123 training trustno1 trustno1!
  tweety12 twilight undertaker universal universe user1234 valentin valentina valentine vancouver vanessa1 veronica
  victoria victoria1 viktoria virginia volleyball warcraft warcraft1 warrior1 watermelon webmaster welcome01
  welcome1 welcome1! welcome12 welcome123 welcome@1 welcome@123 westside whatever whatever1 whatsapp williams
  windows1 windows10 windsurf winner123 winston1 winter12 winter123 wolfgang wolfpack woodland wordpass
  wrestling xbox3601 xxxxxxx1 yamaha123 yankees1 yellow123 yourmom1 yourname youtube1 zaq12wsx zaq1xsw2 zaq1@wsx
  zaqxsw123 zeppelin zinedine zxasqw12 zxc12345 zxc123456 zxcasdqwe zxcv1234 zxcvbnm1 zxcvbnm12 zxcvbnm123 zxcvbnm,
  zxcvbnm,./ ilovegod geheim123 hallohallo schalke04 bayern123 sommer123 sonnenschein schatz123 fussball
  `
    .trim()
    .split(/\s+/),
)
