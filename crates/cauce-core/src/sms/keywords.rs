//! The words by which people end, resume and ask about text messages, in their languages.
//!
//! Sources, as of November 2026: the words of 47 CFR 64.1200(a)(10) (stop, quit, end, revoke, opt
//! out, cancel, unsubscribe), which any sender in the United States has to hear; the list that
//! Twilio hears by default (those, STOPALL, OPTOUT, START, YES, UNSTOP, HELP, INFO); ARRET, which
//! carriers in Canada and France ask for; RET, which the Turkish regulation asks for; TD, which
//! operators in mainland China ask for. The rest is ours: the everyday word of each language.

use crate::prelude::*;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What a word asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyword {
    /// No more messages of this sender.
    Stop,
    /// Messages of this sender again.
    Start,
    /// Who this is, and what it costs.
    Help,
}

impl Keyword {
    /// The word for it in events.
    pub fn as_str(self) -> &'static str {
        match self {
            Keyword::Stop => "stop",
            Keyword::Start => "start",
            Keyword::Help => "help",
        }
    }
}

/// Language, and its words for stop, start and help.
type Words = (&'static str, &'static str, &'static str, &'static str);

const WORDS: [Words; 30] = [
    (
        "en",
        "stop stopall unsubscribe cancel end quit revoke optout remove",
        "start unstop yes resume subscribe optin",
        "help info",
    ),
    (
        "es",
        "baja alto parar cancelar detener",
        "alta iniciar comenzar reanudar si",
        "ayuda informacion",
    ),
    (
        "fr",
        "arret arreter desabonner desabonnement desinscrire",
        "debut reprendre commencer oui",
        "aide infos",
    ),
    ("de", "stopp abmelden abbestellen beenden ende", "starten anmelden fortsetzen ja", "hilfe"),
    (
        "it",
        "ferma fermare annulla disiscrivi disiscrivimi cancella",
        "inizia iscrivi riprendi",
        "aiuto",
    ),
    ("pt", "pare sair remover cancelar parar descadastrar", "comecar retomar sim", "ajuda"),
    ("ca", "baixa atura aturar", "comenca reprendre", "ajuda"),
    ("gl", "baixa deter", "comezar", "axuda"),
    ("eu", "gelditu baja", "hasi", "laguntza"),
    ("nl", "afmelden uitschrijven stoppen", "aanmelden hervatten", "hulp"),
    ("sv", "stoppa avsluta sluta avregistrera", "starta", "hjalp"),
    ("da", "afmeld afbestil", "tilmeld", "hjaelp hjælp"),
    ("no", "avmeld slutt", "startes pamelding", "hjelp"),
    ("fi", "lopeta seis peru", "aloita", "apua ohje"),
    ("pl", "rezygnuje wypisz anuluj koniec", "wznow", "pomoc"),
    ("cs", "odhlasit zrusit konec", "prihlasit", "napoveda"),
    ("hu", "leiratkozas leallit allj", "feliratkozas", "segitseg"),
    ("ro", "dezabonare opreste anuleaza", "aboneaza", "ajutor"),
    ("el", "διακοπη σταματα διαγραφη", "εναρξη", "βοηθεια"),
    ("tr", "iptal dur ret", "basla baslat", "yardim bilgi"),
    ("ru", "стоп отписаться отписка отмена", "старт возобновить подписаться", "помощь справка"),
    ("uk", "стоп відписатися відписка", "почати підписатися", "допомога довідка"),
    ("ar", "ايقاف توقف الغاء قف", "بدء اشتراك ابدا", "مساعدة"),
    ("he", "הסר הסרה עצור", "התחל הצטרף", "עזרה"),
    ("hi", "बंद रोकें", "शुरू", "मदद"),
    ("zh", "退订 退訂 停止 取消 td", "开始 開始 订阅 訂閱", "帮助 幫助"),
    ("ja", "停止 配信停止 解除 ストップ", "再開 スタート", "ヘルプ"),
    ("ko", "중지 수신거부 해지", "시작 재개", "도움말"),
    ("id", "berhenti batal", "mulai", "bantuan"),
    ("th", "ยกเลิก หยุด", "เริ่ม", "ช่วยเหลือ"),
];

/// Words that are too common to be a wish within a sentence.
const ONLY_ALONE: [&str; 14] = [
    "end", "ende", "alto", "baja", "baixa", "pare", "dur", "ret", "seis", "peru", "td", "sair",
    "slutt", "remove",
];

/// What a text asks for, if it is one of the words and nothing else but marks, quotes, spaces and
/// pictures.
pub fn keyword(text: &str) -> Option<Keyword> {
    let said = fold(text);
    // Limit: no word is as long; a long text is a sentence.
    if said.is_empty() || said.len() > 64 {
        return None;
    }
    let has = |words: &str| words.split(' ').any(|word| fold(word) == said);
    // Of a word that two languages have, the one that ends wins.
    let in_any = |pick: fn(&Words) -> &'static str| WORDS.iter().any(|words| has(pick(words)));
    if in_any(|words| words.1) {
        return Some(Keyword::Stop);
    }
    if in_any(|words| words.3) {
        return Some(Keyword::Help);
    }
    in_any(|words| words.2).then_some(Keyword::Start)
}

/// Whether a sentence may ask to end, so that a person looks at it: "please stop texting me".
/// 47 CFR 64.1200(a)(10) asks to honour any reasonable way of saying it.
pub fn may_ask_to_stop(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c)).any(|word| {
        let said = fold(word);
        !said.is_empty()
            && !ONLY_ALONE.contains(&said.as_str())
            && WORDS.iter().any(|words| words.1.split(' ').any(|known| fold(known) == said))
    })
}

/// Letters and digits alone, small and without marks: how a word is compared.
fn fold(text: &str) -> String {
    let plain = |c: char| match c {
        'ı' => 'i',
        'ø' => 'o',
        'ς' => 'σ',
        'أ' | 'إ' | 'آ' => 'ا',
        _ => c,
    };
    let marked = text.nfkd().flat_map(char::to_lowercase).nfkd();
    marked.filter(|c| c.is_alphanumeric() && !is_combining_mark(*c)).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(texts: &str, expected: Option<Keyword>) {
        for text in texts.split('|') {
            assert_eq!(keyword(text), expected, "{text}");
        }
    }

    #[test]
    fn words_are_heard_however_they_are_written() {
        let stop = Some(Keyword::Stop);
        check("STOP|stop| Stop. |\"STOP\"|“Stop”|S.T.O.P.|STOP!!!|stop 🛑|🙏 Stop 🙏", stop);
        check("STOP ALL|opt-out|Opt out|UNSUBSCRIBE|Quit|ＳＴＯＰ", stop);
        check("|?|🛑|stop it now please|nonstop|stopper|yes please|1|OK|What is this?", None);
        check("The end of the road", None);
    }

    #[test]
    fn words_are_heard_in_many_languages() {
        let stop = Some(Keyword::Stop);
        check("Baja|ALTO|Arrêt|ARRET|désabonner|Stopp|abmelden|Annulla|SAIR|afmelden", stop);
        check("Avsluta|Afmeld|lopeta|Rezygnuję|Odhlásit|LEIRATKOZÁS|Dezabonare|ΔΙΑΚΟΠΉ", stop);
        check("İPTAL|iptal|СТОП|Відписатися|إيقاف|الغاء|הסר|बंद|退订|退訂|停止|配信停止", stop);
        check("수신거부|berhenti|ยกเลิก|TD", stop);
        let start = Some(Keyword::Start);
        check("START|unstop|Yes|ALTA|Sí|Старт|開始|Başla", start);
        let help = Some(Keyword::Help);
        check("help|INFO?|Ayuda|Hjälp|HJÆLP|yardım|ヘルプ|Βοήθεια", help);
    }

    #[test]
    fn a_sentence_may_ask_to_end() {
        for text in ["Please stop texting me", "¡Quiero cancelar!", "enough, UNSUBSCRIBE me"] {
            assert!(may_ask_to_stop(text), "{text}");
        }
        for text in ["That was the end", "I moved to Peru", "see you at 6", "", "bus-stops"] {
            assert!(!may_ask_to_stop(text), "{text}");
        }
    }

    #[test]
    fn no_word_means_two_things() {
        let said = |pick: fn(&Words) -> &'static str| -> BTreeSet<String> {
            WORDS.iter().flat_map(|words| pick(words).split(' ')).map(fold).collect()
        };
        let (stop, start, help) = (said(|w| w.1), said(|w| w.2), said(|w| w.3));
        assert!(stop.is_disjoint(&start) && stop.is_disjoint(&help) && start.is_disjoint(&help));
        assert!(stop.iter().chain(&start).chain(&help).all(|word| !word.is_empty()));
    }
}
