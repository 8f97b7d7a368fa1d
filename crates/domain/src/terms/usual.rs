//! Words that any receptionist uses, of whatever clinic.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Whether a word says nothing about one clinic in particular.
pub(super) fn is_usual(word: &str) -> bool {
    word.chars().any(|letter| letter.is_ascii_digit())
        || word.chars().all(|letter| !letter.is_alphanumeric())
        || word.chars().count() < 2
        || USUAL.contains(word)
        || word.strip_suffix('s').is_some_and(|one| USUAL.contains(one))
        || word.strip_suffix("es").is_some_and(|one| USUAL.contains(one))
}

static USUAL: LazyLock<HashSet<&str>> =
    LazyLock::new(|| ENGLISH.split_whitespace().chain(SPANISH.split_whitespace()).collect());

const ENGLISH: &str = "\
    a an the this that these those it its theyre they them their he she his her him i im ive id me my mine we were weve our ours us \
    you your yours youre youve who whom whose what which when where why how if whether as than then so because though \
    be am is are was been being isnt arent wasnt do does did dont doesnt didnt done have has had havent hasnt having \
    can cant cannot could couldnt may might must shall should will wont would need needs needed \
    and or but except excluding nor not no none nothing never neither either both any anyone anything all every everyone everything each \
    some someone something most many much more less few fewer several other others another else only just also too \
    even still already yet now today tonight tomorrow yesterday soon later earlier early late again always usually \
    often sometimes ever currently right here there theres of in on at by to from for with without within into onto over under up \
    down out off about around between before after during until till through per via \
    yes yeah yep okay ok sure certainly absolutely definitely indeed course please thanks thank sorry unfortunately afraid \
    happy glad great good fine nice perfect lovely well very really quite actually simply \
    accept accepts accepted accepting take takes taken taking honor honors honour honours bill bills billed offer offers \
    offered offering provide provides provided have treat treats treated speak speaks speaking spoken allow allows allowed serve \
    serves perform performs use uses used charge charges charged require requires required support supports supported \
    welcome welcomes cover covers covered sell sells carry specialize specialise keep keeps run see sees seen \
    include includes included including permitted accessible onsite site pay paid paying park bring brings network \
    time times hour hours minute minutes min day days week weeks month months year years morning mornings afternoon \
    afternoons evening evenings noon weekend weekends weekday weekdays date dates moment while monday tuesday wednesday \
    thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays mon tue tues wed thu thurs \
    fri sat sun january february march april june july august september october november december jan feb mar apr jun \
    jul aug sep sept oct nov dec am pm next last first second third fourth following coming \
    one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty half dozen \
    appointment appointments visit visits booking bookings slot slots opening openings availability available free open \
    closed full busy taken spot spots option options choice choices practitioner practitioners doctor doctors dr mr mrs ms \
    provider providers specialist specialists team staff clinic office practice studio reception desk front person people patient patients \
    guys folks name names phone number numbers email emails mail address code codes message messages text texts sms link \
    call calls confirmation confirmations reminder reminders request requests list waitlist waiting wait note notes \
    question questions answer answers information info detail details record records file account page website \
    book booked books schedule scheduled move moved cancel cancelled canceled change changed changes reschedule \
    hold held confirm confirmed check checked look looking looks find found show showing get gets got give gives given \
    make makes made let lets know knows think tell tells told say says said ask asks asked send sends sent reach reply \
    help helps like want wants prefer suits suit work works working fit fits start starts started end ends come comes \
    coming go goes going meet wish choose pick leave leaves left stay try matter matters problem problems issue issues mistake error \
    way ways thing things kind kinds type types service services treatment treatments session sessions long length short \
    price prices cost costs currently new existing same different similar near nearest close closest possible able \
    unable best better least minimum maximum total rest part parts under name record trouble luck worries case cases place \
    places upcoming future past ahead back away else instead regular usual general automated assistant receptionist \
    minutes left alternative alternatives several couple handful wide plenty lots lot enough \
    however otherwise therefore fact facts happen happens happened system line lines result results match matches \
    tell asap immediately shortly directly together alone anyway anytime own set ready sense sounds sound \
     actually address advance advise age agree ahead aim allow alright although amount answering apart apologies apologise apologize \
     apology appear appreciate appropriate arrive arrived arriving arrival assist assistance attend automatically \
     aware bear began begin begins behalf believe birth birthday bit born brief briefly bye calendar calling capital care careful \
     catch caught certain chance chat choosing clear clearer clearly click clinical colleague colleagues comfortable common \
     complete completed completely concern concerns confuse confused confusing confusion congratulations connect consider contact \
     continue control convenient conversation correct correctly country couple create created curious cut daily data dates deal dear \
     decide decided decision describe description desk detail determine diagnose diagnosis digit digits direct discuss \
     display double drop due during earliest easy eight email enjoy ensure enter entered entire exact exactly example exist exists \
     expect expected explain explanation express face failed fair familiar family far feel feeling figure fill final finally \
     finish finished follow  format forward frame friend full fully further gap general gently glad glance goodbye gotten grateful guarantee guess \
     hand handle hang happened happens hear heard hearing hello helped helpful helping hesitate hi hey higher hope hopefully human idea identify identity imagine \
     important include indicate individual inform initial input instance instruction interest interested join joined judge keeping \
     kindly language latest leaving length letter letters level likely limit list listed listen listening live local locate located \
     longer lost love machine majority managed manager mark maximum mean means meant medical medicine mention mentioned messaging middle mind \
     misread missed missing misunderstand misunderstood misspelled modify morning moving narrow necessary noted notes notice nobody number numbers \
     obtain occur okay older opinion opportunity order ordinary original otherwise overlap own particular pass passed passing \
     pardon partner past patience patient perhaps period permission personal person personally picked picking piece plan planned plans \
     pleasure point positive possibly preferred preference press prescribe presence present previous private probably proceed process processing \
     promise proper properly provide public purpose push quick quickly quite reach reached read reading ready real really reason reasons \
     receive received recently recognise recognize recommend refer refuse regard regarding regards related release relevant remember remind remove \
     repeat reply replies replied represent require reschedule rescheduling reserve reserved resolve respond response rest restart result return \
     review rush safe save saved saying scheduling screen search searching second seconds secure security seem seems select selected send sent sense separate serious \
     share shared shift short shorter shortest similar simple since single sit situation slow slower smile software someday \
     sort sorts space speak specific specify spell spelled spelling spend split stand standing state status step steps stop stopped straight \
     stress strictly suggest suggestion suitable summary surname surprise swap switch symptom symptoms system talk talking team tend terms \
     text thank though thought thoughts tight title together tomorrow tonight tool top touch transfer trouble true trust truly truth trying \
     turn twice typed typing typo unavailable uncertain unclear understand understanding understood unfortunately unless unsure update updated upset urgent \
     usual valid value various verify version view virtual voice waiting wanted warm watch welcome whatever whenever wherever whichever \
     whole willing window wish within wonder wonderful word words working world worried worry worse worst worth write writing written wrong \
     years yours yourself zone ago ahead amazing apologize around asap attention awesome back barely beyond big bigger brand bring broken busy clash compare \
     couldnt details different digits doublecheck else enough evening exact extra feel few   finding fix fixed found free front full getting giving \
     goes going gone grab hasnt hardly having heading here hold holding hows hurry hurt hurts pain sick ill keep kept lasts last lasting leads least leave \
     lets letting life lined linked little loaded looked looking losing lower luckily made making manage many maybe midday miss mix name near neat needed needing \
     nice nicely night nights none noon notify notified nothing offering often once onto opens order ours overnight paper pattern peak per \
     pick placed plain plus popular prior put quiet quarter half past reaching recording reference rescheduled reset roughly running said sake same \
     saw seeing selecting sent set setting several shall shame sharing shes hes shows sick side sit six size sooner sounds speaking spoke \
     start starting stays stick still sudden suited sure surely taking talked ten thats theirs theyd theyll thinking thirteen fourteen sixteen seventeen eighteen nineteen \
     thoroughly thursday till toll took total toward towards tried tries try tuesday two type unsuccessful until used using visiting wasnt weekly week whats \
     wheres whos wouldnt yep yourselves youd youll ive id ill well weve wed hed shed itll thatll thered theres arent appears matched matching spotted unrelated \
     childs mom dad son daughter husband wife relative relation household baby man woman lady sir madam gentleman \
     age aged  number numeric eightdigit eight character characters code expired expires sixdigit six clinics dollars dollar euros euro pesos cents inside anywhere approve approves approved decides online opens closes opened member members along proper avoid  building ride";

const SPANISH: &str = "\
    el la los las lo un una unos unas este esta estos estas ese esa esos esas eso esto aquel ella ellos ellas usted ustedes \
    yo me mi mis tu su sus se nos le les nuestro nuestra nuestros nuestras que cual cuales quien cuando donde como cuanto \
    cuanta porque si pero salvo excepto ni aunque pues entonces de del al en con sin por para sobre entre desde hasta antes despues \
    durante segun es son era fue ser sea estar estan estamos estoy hay ha han he hemos haber tener tengo tiene tienen \
    tenemos puede pueden puedo podemos podria debe deben quiere quieren desea desean necesita necesito \
    no nada nadie nunca tampoco ningun ninguna ninguno algun alguna alguno algunos algunas algo alguien todo toda todos \
    todas cada cualquier otro otra otros otras mas menos mucho mucha muchos muchas poco poca pocos varios varias solo \
    tambien ya aun todavia ahora hoy manana ayer pronto luego tarde temprano siempre aqui ahi alli \
    yes claro supuesto desde seguro gracias favor lamentablemente desafortunadamente siento lamento gusto bien muy buen bueno \
    buena mejor perfecto excelente acepta aceptan aceptamos aceptar toma toman tomamos recibimos recibe trabajamos \
    trabaja trabajan contamos cuenta cuentan ofrecemos ofrece ofrecen cubre cubrimos cubren disponemos dispone atendemos \
    atiende atienden hablamos habla hablan permitimos permite permiten realizamos realiza realizan hacemos hace hacen \
    usamos utilizamos cobramos cobra cobran requerimos requiere exigimos vendemos brindamos incluye incluyen incluido incluida \
    incluidos incluidas permitido permitida permitidos permitidas aceptado aceptada disponible disponibles pagar estacionar \
    aparcar traer hora horas minuto minutos dia dias semana semanas mes meses ano anos mediodia noche tardes mananas noches \
    fecha momento rato lunes martes miercoles jueves viernes sabado domingo sabados domingos enero febrero marzo abril \
    mayo junio julio agosto septiembre octubre noviembre diciembre am pm proximo proxima proximos proximas primer primera \
    primero segundo segunda siguiente uno dos tres cuatro cinco seis siete ocho nueve diez once doce quince veinte treinta media \
    medio cuarto cita citas visita visitas reserva reservas horario horarios lugar lugares espacio espacios hueco turno \
    turnos libre libres abierto abierta cerrado cerrada lleno ocupado doctor doctora doctores dr dra especialista \
    especialistas profesional profesionales equipo personal clinica consultorio recepcion persona personas paciente pacientes nombre nombres \
    telefono numero correo direccion codigo mensaje mensajes texto enlace llamada confirmacion recordatorio solicitud \
    lista espera nota pregunta preguntas respuesta informacion dato datos detalle detalles pagina reservar reservado \
    reservada agendar agendado mover cambiar cambio cambios cancelar cancelado cancelada apartar apartado apartada confirmar \
    confirmado confirmada buscar busco encontrar encontre encontrado ver veo revisar mostrar dar doy decir digame dice saber \
    se sabe avisar enviar enviado ayudar ayuda gustaria prefiere queda quedan llegar venir ir va vamos dejar dejo elegir \
    escoger problema problemas error manera forma cosa cosas tipo tipos servicio servicios tratamiento tratamientos \
    sesion sesiones precio precios cuesta cuestan costo dura duracion nuevo nueva mismo misma distinto distinta parecido \
    cerca posible asistente automatico opcion opciones alternativa alternativas ambos ambas demas resto parte partes \
    caso vez veces suficiente gran cuanto nuevamente actualmente normalmente \
     abajo aceptar acerca acuerdo ademas adelante  agenda agradezco ahora aparece aparecen apellido apellidos apenas aproximadamente arriba asi asistencia asistir \
     asunto atencion atender atras automatica automaticamente avisarle avise aviso ayudarle ayudarlo ayudarla  bastante bienvenida bienvenido bonito breve buenas buenos busque \
     cabe cambiarla cambiarle cambiaria carta casi ciertamente cifras claridad claro colega colegas comentar comentario comenzar como completa completo comprendo comprobar comunicar \
     comunicarse con concreto confirme confusion conmigo conocer conseguir consejo consejos consulta consultar contacto contactar contactarle continuar convendria conversacion conviene \
     correcta correcto corresponde corta corto creo cualquiera cuanto cuantos cuidado cuidese cumpleanos dado darle de deberia decida decirme decirle dejarle dejarlo dejame dejeme \
     del demasiado dentro descanso desde diagnostico diferente dificil digale digito digitos diria disculpa disculpe disculpas dispone disponibilidad doble dolor duda dudas edad ejemplo \
     electronico embargo empezar empieza encantado encantada encuentro encuentra encuentran ensenar entendido entendi entender entiendo entonces envia enviarle enviarme escriba escribame \
     escribir escrito escucho escuchar espere esperar especial especifico esta estare estaria estoy estos evitar exacta exactamente exacto existe existen explicar explico falta faltan familia \
     favor fechas fijo final forma formato franja frecuencia fuera fuese funciona general gente grave guardar gustara gusto haber habria hacer haga hagame hablar hable hasta hecho hijo hija hombre \
     hoja hola horita humana humano idea identidad idioma igual importa importante indicar indique informar informacion intentar intente intento interesa izquierda jamas junto larga largo \
     leer letra letras libre ligero llama llamo llamar llamarle llame llegada llena llenos llevar llego logro luego mal mala maquina marido  mayoria mayusculas medica medicas medico medicos mejor  menos mensaje \
     mientras mil minimo mirar miro molesta molestia molestias mostrarle mujer muestra muestre nacimiento necesita necesitamos necesitaria necesario negativo nervios ninguna ningunos nombre nota notas nuevo \
     nuevos obtener ocasion ocupada ocupado ocurre ofrecer ofrecerle ojala olvide opinion orden ordenador origen pagina palabra palabras para parece pareceria parecer parecen pareja particular \
     pasa pasado pasar pasarle pasarla paso pendiente pensar perdon perdone perfectamente permita permitame pero personal personalmente pide pidio plan planes pocos poder podemos podria ponga poner \
     ponerle ponerse pongo porfavor poquito posibilidad posibles preferencia preferible prefiera prefieren preocupe preocupes preparar presente primero principio privado probablemente probar pregunte preguntar \
     preguntarle previo principal pronto pueda puedan puedes punto quede quedado quedaria quedarse queria querria quisiera quiera quitar quitarle rapido rato razon realmente recepcionista receta recetar recibir recibido recordar \
     recordarle recomendar reconozco referencia referir registrar registro regresar relacion repetir repita repitame responder respondo respuesta resto resulta resultado resultados retraso revisando reviso robot rogar saber sabe sala saludo \
     saludos sean segundo segundos seguir seguridad seguro sencillo senor senora senorita sentir sera seria serio servir servirle si siempre sigue siguen siguientes sigamos simplemente sin sino sirve sistema sitio situacion sobre sola solicitar \
     solos solucion sonido sorpresa suele suena suficientes sugerir sugerencia supuesto tal talvez tampoco tanto tanta tardar tarda tema tengan tenga teneis tendria tendra terminar termina tiempo tiempos titulo toca todavia tome tomar \
     total trabajar tramite tranquila tranquilo transferir tras trate tratar tuvo ultimo ultima un usar util vale valida valido varios vaya vea veamos ven venga ventana vera verdad verificar verificacion verlo viaje vida viene vienen vista vive voy voz vuelva vuelvo \
     yo zona aparte arreglar calma confirmarle confirmarlo confirmarla decidir deme equivoco escribio hallo hallado indicado indica indicarme lamentamos leido localizar localizado mande mandar marca marque mira momentito nadie \
     nacio ofrezco pase permitirme proporcionar proporcione quien recibio reunir revise sucede suyo suya talvez urgente  usual verifico \
     apunte apuntar apunto anotar anoto anotado comparta compartir facilite facilitar darme diga dime gustan hubo intentarlo quedarian sirven sirva tenerlo tenerla transmitir traslado trasladar puntual antes tampoco dolares dolar euros pesos empecemos empezar ayude ayuden abrimos abre abren cerramos cierra cierran aprueba aprueba apruebe aprobar esperamos admiten admite admitimos hubiera veo cobran tratamiento seria llamarnos oficina entrar entre traiga llegue llene rellene pague venga presente presentarse acuda acudir miembro soy duele duela muela muelas diente dientes partir molesto te ti contigo tus puedes tienes quieres necesitas prefieres darte decirte ayudarte \
     avisarte mostrarte buscarte enviarte llamarte apuntarte podra podras sabes sabras dime dame llevas vas eres estas fuiste tuyo tuya quedas llamas \
     aceptais tomais teneis ofreceis haceis venis atendeis hablais permitis cerrais abris podeis quereis vuestro vuestra vuestros vuestras os comentalo \
     comentarlo preguntalo consultalo revise constar consta podrias querias deberias tendras tendrias";
