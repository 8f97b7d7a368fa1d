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
    a able about absolutely accept accepted accepting accepts accessible account ache aches aching actually \
    address advance advise afraid after afternoon afternoons again against age aged ago agree ahead aim all \
    allow allowed allows alone along already alright also alternative alternatives although always am amazing \
    amid among amongst amount an and another answer answering answers anxious any anybody anyone anything \
    anytime anyway anywhere apart apologies apologise apologize apology appear appears appointment appointments \
    appreciate appropriate approve approved approves apr april are arent around arrival arrive arrived arriving \
    as asap aside ask asked asks assist assistance assistant assisting assume assumed assuming at attempt \
    attempted attempts attend attention aug august automated automatically availability available avoid aware \
    away awesome awful baby back backache barely be bear bearing because been before began begin begins behalf \
    being believe believes besides best better between beyond big bigger bill billed bills birth birthdate \
    birthday bit blank book booked booking bookings books born both bother bothered bothering brand brief \
    briefly bring bringing brings broken building busy but by bye calendar call caller callers calling calls \
    calm can cancel canceled cancelled cannot cant capital care careful carry case cases catch caught cents \
    certain certainly chance change changed changes character characters charge charged charges chased chat \
    chats check checked cheer childs choice choices choose choosing clarified clarify clash clear clearer \
    clearly click clinic clinical clinics close closed closes closest code codes colleague colleagues come comes \
    comfortable coming common compare complete completed completely concern concerns confirm confirmation \
    confirmations confirmed confirming confuse confused confusing confusion congratulations connect consider \
    considered contact continue continued control convenient conversation correct correctly cost costs could \
    couldnt country couple course cover covered covers create created cuddle curious currently cut dad daily \
    data date dates daughter day days deal dear dec december decide decided decides decision definitely describe \
    description desk despite detail details determine diagnose diagnosis did didnt different digit digits direct \
    directed directly discuss display disturb do doctor doctors does doesnt dollar dollars done dont double \
    doublecheck down dozen dr drop dropped due during each earlier earliest early easy eight eightdigit eighteen \
    either eleven else elsewhere email emailed emails end ends enjoy enough ensure enter entered entire error \
    escalate escalated euro euros even evening evenings ever every everyone everything exact exactly example \
    except excluding exist existing exists expect expected expire expired expires expiring explain explanation \
    express extra face fact facts failed failing fails fair familiar family far feb february feel feeling fetch \
    fetched fever few fewer fifteen fifty figure file fill final finalise finalize finally find finding fine \
    finish finished first firstname fit fits five fix fixed folks follow followed following for forget forgive \
    forgot forgotten format forty forward found four fourteen fourth frame frankly free freed fri friday fridays \
    friend from front full fully further future gap garbled general gentleman gently get gets getting give given \
    gives giving glad gladly glance go goes going gone good goodbye got gotten grab grateful great guarantee \
    guess guessing guys had half hand handful handle hang happen happened happens happy hardly has hasnt have \
    havent having he headache heading hear heard hearing hears heart hed held hello help helped helpful helping \
    helps her here herself hes hesitate hey hi higher him himself his hold holding holds honestly honor honors \
    honour honours hope hopefully hopes hoping hour hours household how however hows hug human hurry hurt hurts \
    husband i id idea identify identity if ill im imagine immediately important in include included includes \
    including indeed indicate individual info inform information initial initials input inside instance instead \
    instruction interest interested interrupt interrupting into introduce introduced is isnt issue issues it \
    itll its itself ive jan january join joined jot jotted judge jul july jun june just keep keeping keeps kept \
    kind kindly kinds know knows lady language lapse last lasting lastname lasts late later latest leading leads \
    least leave leaves leaving left lend length less let lets letter letters letting level life like likely \
    limit line lined lines link linked list listed listen listening listens little live loaded local locate \
    located long longer look looked looking looks losing lost lot lots love lovely lower luck luckily machine \
    madam made mail majority make makes making man manage managed manager many mar march mark match matched \
    matches matching matter matters maximum may maybe me mean means meant medical medicine meet member members \
    mention mentioned merely message messages messaging midday middle might min mind mine minimum minute minutes \
    misheard misread miss missed missing misspelled mistake mistyped misunderstand misunderstood mix modify mom \
    moment mon monday mondays month months more morning mornings most mostly move moved moving mr mrs ms much \
    must my myself name names narrow narrowed near nearest nearly neat necessary need needed needing needs \
    neither nervous network never new next nice nicely night nights nine nineteen no nobody none noon nor not \
    note noted notes nothing notice notified notify noting nov november now nowhere number numbers numeric \
    obtain occur oct october of off offer offered offering offers office often ok okay older on once one ones \
    oneself online only onsite onto open opened opening openings opens opinion opportunity option options or \
    order ordinary original other others otherwise our ours ourselves out over overlap overnight own page paid \
    pain paper pardon park part particular partly partner parts pass passed passing past patience patient \
    patients pattern pay paying peak people per perfect perfectly perform performs perhaps period permission \
    permitted person personal personally pesos phone pick picked picking piece place placed places plain plan \
    planned plans please pleasure plenty plus pm point pop popped popular positive possible possibly postcode \
    postpone postponed practice practitioner practitioners precisely prefer preference preferred preferring \
    prefers prescribe presence present press previous price prices prior private probably problem problems \
    proceed proceeding process processing promise promised proper properly provide provided provider providers \
    provides public pull pulled purpose push put puts putting quarter question questions quick quicker quickly \
    quiet quite raise rather reach reached reaching read reading reads ready real really rearrange rearranged \
    reason reasons receive received recently reception receptionist recognise recognize recommend recommended \
    record recording records recover recovery refer reference refuse regard regarding regards regular related \
    relation relative relax relay relayed release relevant remember remembered remind reminded reminder \
    reminders remove repeat repeated repeating rephrase rephrased replied replies reply represent request \
    requests require required requires reschedule rescheduled rescheduling reserve reserved reset resolve \
    respond response restart result results resume resumed return review ride right rough roughly route routed \
    run running rush sad safe said sake same sat saturday saturdays save saved saw say saying says scared \
    schedule scheduled scheduling screen search searching second seconds secure security see seeing seem seems \
    seen sees select selected selecting sell sells send sends sense sent sep separate sept september serious \
    serve serves service services session sessions set sets setting seven seventeen several shall shame share \
    shared sharing she shed shes shift short shorter shortest shortly should show showing shows sick side \
    similar simple simply since single sir sit site situation six sixdigit sixteen sixty size skip skipped slot \
    slots slow slower smile sms so software some somebody somebodys someday someone someones something sometimes \
    somewhat somewhere son soon sooner sore sorry sort sorts sound sounds space speak speaking speaks specialise \
    specialist specialists specialize specific specify spell spelled spelling spend split spoke spoken spot \
    spots spotted staff stand standing start started starting starts state status stay stayed staying stays step \
    steps stick still stop stopped straight stress strictly studio succeed succeeded sudden suggest suggested \
    suggestion suit suitable suited suits summary sun sunday sundays support supported supports sure surely \
    surname surprise swap switch sympathy symptom symptoms system take taken takes taking talk talked talking \
    talks team tell tells ten tend terms terrible text texted texts than thank thanks that thatll thats the \
    their theirs them then there thered therefore theres these they theyd theyll theyre thing things think \
    thinking thinks third thirteen thirty this thoroughly those though thought thoughts three through thu thurs \
    thursday thursdays tight till time times title to today together told toll tomorrow tonight too took tool \
    toothache top total touch tough toward towards transfer treat treated treatment treatments treats tried \
    tries triple trouble true truly trust truth try trying tue tues tuesday tuesdays turn twelve twenty twice \
    two type typed types typing typo unable unavailable uncertain unclear uncomfortable under understand \
    understanding understood unfortunately unless unrelated unsuccessful unsure until unwell up upcoming update \
    updated upset urgent us use used uses using usual usually valid value various verify version very via view \
    virtual visit visiting visits voice wait waiting waitlist want wanted wants warm was wasnt watch way ways we \
    website wed wednesday wednesdays week weekday weekdays weekend weekends weekly weeks welcome welcomes well \
    were weve what whatever whats when whenever where wheres wherever whether which whichever while who whoever \
    whole whom whos whose why wide wife will willing window wish with within without woman wonder wondered \
    wonderful wont word words work working works world worried worries worry worrying worse worst worth would \
    wouldnt write writes writing written wrong wrote yeah year years yep yes yesterday yet you youd youll your \
    youre yours yourself yourselves youve zip zone";

const SPANISH: &str = "\
    abajo abierta abierto abre abren abril abrimos abris aca acepta aceptada aceptado aceptais aceptamos aceptan \
    aceptar acerca aclarado aclarar aclare aconseja actualmente acuda acudir acuerdo adelante ademas admite \
    admiten admitimos agenda agendado agendar agosto agradezco ahi ahora al algo alguien algun alguna algunas \
    alguno algunos alivio alla alli alrededor alternativa alternativas am ambas ambos animo ano anos anota \
    anotado anotamos anotar anoto antes aparcar aparece aparecen aparecio aparezca apartada apartado apartar \
    aparte apellida apellidate apellido apellidos apenas aprobar aproximadamente aprueba apruebe apunta apuntada \
    apuntado apuntamos apuntar apuntarte apunte apunto aquel aqui arreglar arriba asi asistencia asistente \
    asistir asunto asustada asustado atencion atendeis atendemos atender atenderla atenderle atenderlo atienda \
    atiendan atiende atienden atras aun aunque automatica automaticamente automatico avisa avisar avisaran \
    avisare avisaremos avisarle avisarte avise aviso ayer ayuda ayudar ayudaria ayudarla ayudarle ayudarles \
    ayudarlo ayudarte ayude ayuden bastante bien bienvenida bienvenido bonito breve brindamos buen buena buenas \
    bueno buenos busca buscamos buscando buscar buscare buscarte busco busque cabe cada calma cambiar cambiaria \
    cambiarla cambiarle cambio cambios cancelada cancelado cancelar carta casi caso cerca cerrada cerrado \
    cerrais cerramos cierra cierran ciertamente cifras cinco cita citas claramente claridad claro clinica cobra \
    cobramos cobran codigo colega colegas comentalo comentar comentario comentarlo comente comento comenzar como \
    comparta compartir completa completo comprende comprendemos comprendo comprobar comunicar comunicarse con \
    concreto confirma confirmacion confirmada confirmado confirmar confirmarla confirmarle confirmarlo confirmas \
    confirme confirmo confusion conmigo conocer conseguir consejo consejos consta constar consulta consultalo \
    consultar consultorio contactar contactara contactaran contactarle contacten contacto contamos contestar \
    contestarle contestarte conteste contigo continuar convendria conversacion conviene correcta correcto correo \
    corresponde corta corto cosa cosas costo creo cual cuales cualquier cualquiera cuando cuanta cuanto cuantos \
    cuarto cuatro cubre cubren cubrimos cuenta cuentan cuesta cuestan cuidado cuidese cumpleanos da dado dame \
    dan dar darle darme darte das dato datos de debe deben deberia deberias decida decidir decir decirle decirme \
    decirte dejame dejar dejarle dejarlo dejeme dejo del deletrea deletrear deletree demas demasiado deme den \
    desafortunadamente descanso desde desea desean despues detalle detalles dia diagnostico dias dice diciembre \
    diente dientes diez diferente dificil diga digale digame digito digitos dijo dime dio direccion diria \
    disculpa disculpame disculpas disculpe dispone disponemos disponibilidad disponible disponibles diste \
    distinta distinto doble doce doctor doctora doctores dolar dolares dolido dolor dolores domingo domingos \
    donde dos doy dr dra duda dudas duela duele duelen dura duracion durante edad ejemplo el electronico elegir \
    elige elija ella ellas ellos embargo empecemos empezar empieza en encantada encantado encontrado encontramos \
    encontrar encontrare encontre encuentra encuentran encuentro enero enlace ensenar entendemos entender \
    entendi entendido entiende entiendo entonces entrar entre envia enviado enviar enviarle enviarme enviarte \
    equipo equivoco era eres error es esa esas escoge escoger escoja escriba escribame escribe escribio escribir \
    escribiran escribiste escrito escuchar escucho ese eso esos espacio espacios especial especialista \
    especialistas especifico espera esperamos esperar espere esperen espero esta estacionar estamos estan estar \
    estare estaria estas este esto estos estoy euros evitar exacta exactamente exacto excelente excepto exigimos \
    existe existen explicar explico facilitar facilite falta faltan familia favor febrero fecha fechas fiebre \
    fijo final forma formato franja frecuencia fue fuese fuiste funciona general gente gracias gran grave guarda \
    guardar guarde guardo gustan gustara gustaria gusto ha haber habla hablais hablamos hablan hablar hable \
    habria hace haceis hacemos hacen hacer haga hagame hallado hallo han hasta hay he hecho hemos hija hijas \
    hijo hijos hoja hola hombre hora horario horarios horas horita hoy hubiera hubo hueco humana humano idea \
    identidad idioma igual importa importante incluida incluidas incluido incluidos incluye incluyen indica \
    indicado indicar indicarme indique informacion informar intentamos intentar intentare intentarlo intente \
    intento interesa ir izquierda jamas jueves julio junio junto justo la lamenta lamentablemente lamentamos \
    lamento larga largo las le leer leido les letra letras libre libres ligero lista listo llama llamada llamame \
    llamamos llaman llamanos llamar llamara llamaran llamarle llamarme llamarnos llamarte llamas llame llamenos \
    llamo llegada llegar llego llegue llena llene lleno llenos llevar llevas lo localizado localizar logro los \
    luego lugar lugares lunes mal mala manana mananas mandar mande manera maquina marca marido marque martes \
    marzo mas mayo mayoria mayusculas me media medica medicas medico medicos medio mediodia mejor mejore \
    mejorese mejoria menos mensaje mensajes mes meses mi miembro mientras miercoles mil minimo minuto minutos \
    mira mirar mirare mire miro mis misma mismo molesta molestia molestias molesto momentito momento mostrar \
    mostrarle mostrarte mover mucha muchas mucho muchos muela muelas muestra muestre mujer muy naci nacida \
    nacido nacimiento nacio naciste nada nadie necesario necesita necesitamos necesitaria necesitas necesito \
    negativo nervios nerviosa nervioso ni ningun ninguna ninguno ningunos no noche noches nombrame nombre \
    nombres normalmente nos nota notas noviembre nuestra nuestras nuestro nuestros nueva nuevamente nueve nuevo \
    nuevos numero nunca obtener ocasion ocho octubre ocupada ocupado ocurre oficina ofrece ofreceis ofrecemos \
    ofrecen ofrecer ofrecerle ofrezco ojala ok olvide once opcion opciones opinion orden ordenador origen os \
    otra otras otro otros paciente pacientes pagar pagina pague palabra palabras para parece parecen parecer \
    pareceria parecido pareja parte partes particular partir pasa pasado pasan pasar pasare pasaria pasarla \
    pasarle pasarte pase paso pendiente pensar perdon perdona perdoname perdone perfectamente perfecto permita \
    permitame permite permiten permitida permitidas permitido permitidos permitimos permitirme permitis pero \
    persona personal personalmente personas pesos pide pidio plan planes pm poca poco pocos podeis podemos poder \
    podra podras podria podrias poner ponerle ponerse ponga pongo poquito por porfavor porque posibilidad \
    posible posibles precio precios precisamente preferencia preferible preferiria prefiera prefieras prefiere \
    prefieren prefieres pregunta preguntado preguntalo preguntar preguntare preguntarle preguntarles preguntas \
    preguntaste pregunte pregunto preocupe preocupes preparar presentarse presente previo primer primera primero \
    principal principio privado probablemente probamos probar probemos problema problemas profesional \
    profesionales pronto proponer propongo proporcionar proporcione propuesta proxima proximas proximo proximos \
    prueba pruebe pruebo pueda puedan puede pueden puedes puedo pues punto puntual que queda quedado quedamos \
    quedan quedaria quedarian quedarme quedarse quedas quede quedo quereis queria querias querria quien quiera \
    quiere quieren quieres quince quisiera quitar quitarle rapido rato razon realiza realizamos realizan \
    realmente recepcion recepcionista receta recetar recibe recibido recibimos recibio recibir recomendar \
    reconozco recordar recordaremos recordarle recordarte recordatorio recuerda recuerde referencia referir \
    registrar registro regresar relacion relajese rellene repetir repita repitalo repitame repitamelo repite \
    repito requerimos requiere reserva reservada reservado reservar reservas responda respondan responder \
    respondo respuesta resto resulta resultado resultados retraso reunir revisamos revisando revisar revisare \
    revise reviso robot rogar sabado sabados sabe saber sabes sabras sala saludo saludos salvo se sea sean \
    seguimos seguir segun segunda segundo segundos seguridad seguro seis semana semanas sencillo senor senora \
    senorita sentimos sentir septiembre ser sera seria serio servicio servicios servir servirle sesion sesiones \
    si siempre siente siento siete siga sigamos sigo sigue siguen siguiente siguientes simplemente sin sino \
    sirva sirve sirven sistema sitio situacion sobre sola solamente solicitar solicitud solo solos solucion son \
    sonido sorpresa soy su sucede suele suena suficiente suficientes sugerencia sugerir sugiere sugiero supuesto \
    sus suya suyo tal talvez tambien tampoco tan tanta tanto tarda tardar tarde tardes te telefono tema temprano \
    tendra tendras tendria tendrias teneis tenemos tener tenerla tenerlo tenga tengan tengo termina terminar \
    texto ti tiempo tiempos tiene tienen tienes tipo tipos titulo toca toda todas todavia todo todos toma tomais \
    tomamos toman tomar tome total trabaja trabajamos trabajan trabajar traer traiga tramite tranquila \
    tranquilice tranquilo transferir transmita transmitir transmito tras trasladar trasladare traslade traslado \
    tratamiento tratamientos tratar trate treinta tres tu turno turnos tus tuvo tuya tuyo ultima ultimo un una \
    unas uno unos urgente usamos usar usted ustedes usual util utilizamos va valdria vale valida valido vamos \
    varias varios vas vaya vea veamos veces veinte ven vendemos vendria vendrias venga vengas venir venis \
    ventana veo ver vera verdad verificacion verificar verifico verlo vez viaje vida viene vienen viernes visita \
    visitas vista vive volvemos volver volvere voy voz vuelta vuelva vuelve vuelvo vuestra vuestras vuestro \
    vuestros ya yes yo zona";
